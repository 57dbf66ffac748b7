// Package report measures the peers of this module, and writes what the
// measurement shows: RESULTS.md and a chart. Both come from the raw file alone,
// so anybody can repeat them without a measurement.
package report

import (
	"io"
	"regexp"
	"slices"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchmath"
)

// Raw is the content of a raw file, which has the Go benchmark format.
type Raw struct {
	config  map[string]string
	samples map[sample][]float64
}

// A sample names the values of one unit of one benchmark. The unit is that of
// benchunit, so times are in sec/op.
type sample struct{ benchmark, unit string }

// processors is the end of a benchmark's name.
var processors = regexp.MustCompile(`-\d+$`)

// ParseRaw reads a raw file. It returns an error for a line of a benchmark that
// it can't read.
func ParseRaw(r io.Reader) (*Raw, error) {
	raw := &Raw{map[string]string{}, map[sample][]float64{}}
	reader := benchfmt.NewReader(r, "raw file")
	for reader.Scan() {
		switch record := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			return nil, record
		case *benchfmt.Result:
			raw.add(record)
		}
	}
	return raw, reader.Err()
}

func (r *Raw) add(result *benchfmt.Result) {
	for _, c := range result.Config {
		if c.File {
			r.config[c.Key] = string(c.Value)
		}
	}
	name := processors.ReplaceAllString(result.Name.String(), "")
	for _, v := range result.Values {
		key := sample{name, v.Unit}
		r.samples[key] = append(r.samples[key], v.Value)
	}
}

// Median returns the median of a benchmark's values, and false if it has none.
func (r *Raw) Median(benchmark, unit string) (float64, bool) {
	values := r.samples[sample{benchmark, unit}]
	if len(values) == 0 {
		return 0, false
	}
	return summary(values), true
}

// rounds returns how often a benchmark was run.
func (r *Raw) rounds(benchmark, unit string) int { return len(r.samples[sample{benchmark, unit}]) }

// Ratio divides the median of a benchmark by that of its base. alike reports
// that the samples are too similar to tell which benchmark is greater.
func (r *Raw) Ratio(benchmark, base, unit string) (ratio float64, alike, ok bool) {
	values, others := r.samples[sample{benchmark, unit}], r.samples[sample{base, unit}]
	if len(values) == 0 || len(others) == 0 || summary(others) == 0 {
		return 0, false, false
	}
	compared := benchmath.AssumeNothing.Compare(newSample(values), newSample(others))
	alike = benchmark != base && !slices.Equal(values, others) && compared.P >= compared.Alpha
	return summary(values) / summary(others), alike, true
}

func summary(values []float64) float64 {
	return benchmath.AssumeNothing.Summary(newSample(values), 0.95).Center
}

// newSample copies the values, because the sample sorts them.
func newSample(values []float64) *benchmath.Sample {
	return benchmath.NewSample(slices.Clone(values), &benchmath.DefaultThresholds)
}
