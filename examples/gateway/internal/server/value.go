package server

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// positive is a flag whose zero would mean the default of a package, while a
// user who writes it means something else.
type positive[T int | time.Duration] struct {
	target *T
	parse  func(string) (T, error)
}

// String implements [flag.Value].
func (p positive[T]) String() string {
	if p.target == nil { // package flag asks the zero value
		return ""
	}
	return fmt.Sprint(*p.target)
}

// Set implements [flag.Value].
func (p positive[T]) Set(text string) error {
	value, err := p.parse(text)
	if err != nil {
		return err
	}
	if value <= 0 {
		return errors.New("set it to more than 0")
	}
	*p.target = value
	return nil
}

func span(flags *flag.FlagSet, target *time.Duration, name string, value time.Duration, usage string) {
	*target = value
	flags.Var(positive[time.Duration]{target, time.ParseDuration}, name, usage)
}

func whole(flags *flag.FlagSet, target *int, name string, value int, usage string) {
	*target = value
	flags.Var(positive[int]{target, strconv.Atoi}, name, usage)
}

// choice is a flag with few values, the first of which is the default.
func choice(flags *flag.FlagSet, target *string, name string, values []string, usage string) {
	*target = values[0]
	flags.Func(name, usage+" (default "+values[0]+")", func(text string) error {
		if !slices.Contains(values, text) {
			return fmt.Errorf("set it to one of %s", strings.Join(values, ", "))
		}
		*target = text
		return nil
	})
}
