package simulator

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Mix is a load profile: the shares of the calls that are answered with codes and
// faults. With the zero value the model answers every call. Make one with
// [ParseMix].
type Mix struct{ parts []part }

// part is a share of the calls, and their answer.
type part struct {
	percent float64
	succeed bool // with the success code of the endpoint
	code    code // unless succeed, or there is a fault
	fault   fault
}

// ParseMix reads shares such as "success=90,9003=5,1804=3,fault-html502=2". A
// share is a percentage, which may have decimals. The model answers the rest of 100.
//
//	success=P     answered with the success code of the endpoint
//	N=P           answered with the code N, any int32
//	fault-KIND=P  answered by the model, and delivered with a fault
func ParseMix(text string) (Mix, error) {
	var mix Mix
	var sum float64
	for entry := range strings.SplitSeq(text, ",") {
		p, err := parsePart(entry)
		if err != nil {
			return Mix{}, fmt.Errorf("mix entry %q: %w", entry, err)
		}
		mix.parts = append(mix.parts, p)
		sum += p.percent
	}
	if sum > 100+1e-9 { // decimals add up to more by a rounding error
		return Mix{}, fmt.Errorf("mix adds up to %g percent, more than 100", sum)
	}
	return mix, nil
}

func parsePart(entry string) (part, error) {
	name, share, ok := strings.Cut(strings.TrimSpace(entry), "=")
	if !ok {
		return part{}, errors.New("want NAME=PERCENT, as in 9003=5")
	}
	percent, err := strconv.ParseFloat(share, 64)
	if err != nil || !(percent > 0 && percent <= 100) { // NaN is neither
		return part{}, errors.New("want a percentage above 0 and up to 100")
	}
	if name == "success" {
		return part{percent: percent, succeed: true}, nil
	}
	if f, ok := faultIn(name); ok {
		return part{percent: percent, fault: f}, nil
	}
	if n, ok := codeAfter("", name); ok {
		return part{percent: percent, code: n}, nil
	}
	return part{}, fmt.Errorf("want a code, success, or fault- and one of %s", faultNames())
}

// draw returns the part for the next call, or false for the model.
func (m Mix) draw(random *rand.Rand) (part, bool) {
	if len(m.parts) == 0 {
		return part{}, false
	}
	at := random.Float64() * 100
	for _, p := range m.parts {
		if at -= p.percent; at < 0 {
			return p, true
		}
	}
	return part{}, false
}
