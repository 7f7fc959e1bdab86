package results

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-ego/gse"
)

// Word is one that several people used.
type Word struct {
	Word     string `json:"word"`
	Comments int    `json:"comments"` // in which it stands
}

const (
	mostWords  = 40
	leastUsers = 2 // a word of one person is no frequent one
)

// frequentWords are the words that stand in most comments, each counted once a
// comment. Chinese is cut into words by dictionary, the rest at what is no letter;
// words that say nothing are left out.
func frequentWords(list []Comment) ([]Word, error) {
	var chinese *gse.Segmenter // has 130 MB and is made in a second: only if needed, and not kept
	counts := make(map[string]int)
	for _, c := range list {
		seen := make(map[string]bool)
		for _, run := range runs(c.Text) {
			words := []string{run.text}
			if run.chinese {
				if chinese == nil {
					chinese = &gse.Segmenter{SkipLog: true}
					if err := chinese.LoadDictEmbed("zh_s"); err != nil {
						return nil, fmt.Errorf("read the dictionary of Chinese words: %w", err)
					}
				}
				words = chinese.Cut(run.text, true)
			}
			for _, word := range words {
				seen[word] = seen[word] || tells(word)
			}
		}
		for word, telling := range seen {
			if telling {
				counts[word]++
			}
		}
	}
	words := []Word{}
	for word, n := range counts {
		if n >= leastUsers {
			words = append(words, Word{word, n})
		}
	}
	slices.SortFunc(words, func(a, b Word) int {
		return cmp.Or(cmp.Compare(b.Comments, a.Comments), strings.Compare(a.Word, b.Word))
	})
	return words[:min(len(words), mostWords)], nil
}

// run is a stretch of one script.
type run struct {
	text    string
	chinese bool
}

// runs parts a text into stretches of Chinese and words of other letters, in small letters.
func runs(text string) []run {
	var all []run
	var current strings.Builder
	han := false
	flush := func() {
		if current.Len() > 0 {
			all = append(all, run{strings.Trim(current.String(), "'"), han})
			current.Reset()
		}
	}
	for _, r := range strings.ReplaceAll(strings.ToLower(text), "’", "'") {
		isHan := unicode.Is(unicode.Han, r)
		if isHan != han {
			flush()
			han = isHan
		}
		if isHan || unicode.IsLetter(r) || r == '\'' {
			current.WriteRune(r)
		} else {
			flush()
		}
	}
	flush()
	return all
}

// tells reports whether a word says what people talk about.
func tells(word string) bool {
	first, size := utf8.DecodeRuneInString(word)
	if unicode.Is(unicode.Han, first) {
		return len(word) > size && !idleWords[word] // single characters are mostly grammar
	}
	return utf8.RuneCountInString(word) > 2 && !idleWords[word]
}

// idleWords are too common to say anything.
var idleWords = func() map[string]bool {
	m := make(map[string]bool)
	for word := range strings.FieldsSeq(`
		一个 一些 一下 一直 一样 一般 一次 不是 不能 不会 不够 不要 与 中 为了 主要 了 也 以及 以后 以前 他们 他 但是 何时 使 使得 依然 其 其他 其中 几乎 出来
		加以 又 及其 只是 只有 只能 可 可以 可能 各 同时 后 吗 吧 呢 和 哪 哪些 因为 因此 在 如果 如何 它 它们 它的 对于 将 就是 已 已经 希望 并 并且 并没有 应 应该
		当 很 很多 得 怎么 情况 想 或 或者 所以 所有 才 把 指 按照 据 方面 是 是否 更 更加 最 有 有时 有点 有些 有时候 每次 每 比 比较 没 没有 然后 现在 由 由于 甚至
		的 目前 相关 看 看到 真的 着 知道 第 等 等等 而 而且 能 能够 自己 自 至 虽然 被 觉得 让 认为 还 还是 还有 这 这个 这些 这样 这种 进行 进一步 通过 那 那个 那些 那么 都
		里 非常 需要 我们 我 你们 你 您 大家 建议 感觉 问题 时候 时间 特别 以上 无 暂无 比如 例如
		the and for are was were been being has have had having does did doing but not nor you your yours our ours they them their theirs his her hers she him its who whom
		which what this that these those there here when where why how all any both each few more most other some such only own same than too very can could will would should
		may might must shall with without within into onto from about above after again against before below between down during further off once out over under until while
		because also just like get got one two make made much many need needs want wants etc don't doesn't didn't can't isn't aren't won't it's i'm i've i'd we're that's there's
		really think please let lets every even still however else ever never always often into upon per via yes less lot lots way thing things something anything nothing`) {
		m[word] = true
	}
	return m
}()
