package handbook

import (
	"slices"

	"example.com/officepulse/analytics/calendar"
)

// Registers say by which processes, limits and attributes the office's
// coordination is told (协调台账). A register that is nil is not kept.
type Registers struct {
	Lights      Lights               `yaml:"lights"`
	Liaison     *LiaisonRegister     `yaml:"liaison"`
	Blockers    *BlockersRegister    `yaml:"blockers"`
	Emergencies *EmergenciesRegister `yaml:"emergencies"`
	Suppliers   *SuppliersRegister   `yaml:"suppliers"`
	Supervision *SupervisionRegister `yaml:"supervision"`
	Decisions   *DecisionsRegister   `yaml:"decisions"`
	Team        *TeamRegister        `yaml:"team"`
}

// Lights are the shares, in per cent, from which a rate is green and yellow;
// below it is red. A rate of fewer than MinN cases has no light.
type Lights struct {
	Green  float64 `yaml:"green"`
	Yellow float64 `yaml:"yellow"`
	MinN   int     `yaml:"min_n"`
}

// DefaultLights hold for what the handbook leaves out.
var DefaultLights = Lights{Green: 90, Yellow: 75, MinN: 5}

// OrDefault fills in what the handbook leaves out.
func (l Lights) OrDefault() Lights {
	if l.Green == 0 {
		l.Green = DefaultLights.Green
	}
	if l.Yellow == 0 {
		l.Yellow = min(DefaultLights.Yellow, l.Green)
	}
	if l.MinN == 0 {
		l.MinN = DefaultLights.MinN
	}
	return l
}

// LiaisonRegister is about items of the liaison meeting (联络员会议事项).
type LiaisonRegister struct {
	Process string   `yaml:"process"`
	Routed  []string `yaml:"routed"` // keys of limits of the process, of which those hold that apply to the case; so below
	Closed  []string `yaml:"closed"`
}

// BlockersRegister is about what holds projects up (专项项目卡点).
type BlockersRegister struct {
	Process  string    `yaml:"process"`
	TakenUp  []string  `yaml:"taken_up"`
	Resolved []string  `yaml:"resolved"`
	Project  string    `yaml:"project"` // attribute that names the project
	Sync     *SyncStep `yaml:"sync"`    // nil: no weekly meeting is asked for
}

// SyncStep is what shows that a project's weekly meeting was held.
type SyncStep struct {
	Process string `yaml:"process"` // "": that of the register
	Stage   string `yaml:"stage"`
	Action  string `yaml:"action"`
}

// EmergenciesRegister is about emergencies and their plan (应急协同).
type EmergenciesRegister struct {
	Process    string   `yaml:"process"`
	Response   []string `yaml:"response"`
	Informed   []string `yaml:"informed"`
	Resolution []string `yaml:"resolution"`
	Review     []string `yaml:"review"`
	Handled    Step     `yaml:"handled"`  // the step that ends the emergency
	Reviewed   Step     `yaml:"reviewed"` // the step that ends its review
}

// SuppliersRegister is about the rating of suppliers (供应商风险评估).
type SuppliersRegister struct {
	Process   string            `yaml:"process"`
	Reviewed  []string          `yaml:"reviewed"`
	Supplier  string            `yaml:"supplier"` // attribute that names the supplier, of ratings and of incidents
	Rating    string            `yaml:"rating"`   // attribute with the rating
	High      []string          `yaml:"high"`     // ratings that say that trouble is expected
	Incidents string            `yaml:"incidents"`
	Where     map[string]string `yaml:"where"` // which cases of Incidents are a supplier's
}

// SupervisionRegister is about items under supervision (督办).
type SupervisionRegister struct {
	Process  string   `yaml:"process"`
	Near     Duration `yaml:"near"`     // working time before the due date from which the light is blue
	Behind   float64  `yaml:"behind"`   // percentage points behind the scheduled progress (序时进度) from which it is yellow
	Progress string   `yaml:"progress"` // attribute with the progress in per cent; "": the share of the stages that are done
	Asked    *Step    `yaml:"asked"`    // the step that asks for an extension; nil: the event with the later date
}

// DecisionsRegister is about requests to decision makers (请示批示).
type DecisionsRegister struct {
	By       []string       `yaml:"by"` // departments of those who decide
	Requests []RequestStage `yaml:"requests"`
	Within   Duration       `yaml:"within"`
	Clock    calendar.Clock `yaml:"clock"` // elapsed or working
}

// RequestStage is where cases wait for a decision.
type RequestStage struct {
	Process string `yaml:"process"`
	Stage   string `yaml:"stage"`
	Class   string `yaml:"class"` // "": of every class
}

// TeamRegister is about the office's own people (团队): how much each has on the
// desk, and whether a second one knows each process.
type TeamRegister struct {
	Departments []string `yaml:"departments"`
	Persons     int      `yaml:"persons"` // that a process needs to be covered
	Steps       int      `yaml:"steps"`   // of a process in a period that a person does who knows it
	Share       float64  `yaml:"share"`   // per cent of a process's steps that all but the one who does most have to do together
}

// Processes are those that the registers are about, each once.
func (r *Registers) Processes() []string {
	var all []string
	add := func(process string) {
		if process == "" {
			return
		}
		if slices.Contains(all, process) {
			return
		}
		all = append(all, process)
	}
	if r.Liaison != nil {
		add(r.Liaison.Process)
	}
	if r.Blockers != nil {
		add(r.Blockers.Process)
		if r.Blockers.Sync != nil {
			add(r.Blockers.Sync.Process)
		}
	}
	if r.Emergencies != nil {
		add(r.Emergencies.Process)
	}
	if r.Suppliers != nil {
		add(r.Suppliers.Process)
		add(r.Suppliers.Incidents)
	}
	if r.Supervision != nil {
		add(r.Supervision.Process)
	}
	if r.Decisions != nil {
		for _, q := range r.Decisions.Requests {
			add(q.Process)
		}
	}
	return all
}
