package embedded

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel kill the child when its parent dies. The
// lifeline does the same, but not while a stopped or wedged child cannot read.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
