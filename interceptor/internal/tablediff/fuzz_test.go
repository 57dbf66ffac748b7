package tablediff_test

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"github.com/codetable/grpc-codetable/interceptor/internal/tablediff"
	"github.com/codetable/grpc-codetable/interceptor/internal/text"
)

// FuzzDocument reads golden files and compares them. A document equals itself
// after it was written, and a change is one line of text. What is added on one
// way is removed on the other.
func FuzzDocument(f *testing.F) {
	f.Add([]byte(golden), []byte(golden))
	f.Add([]byte(golden), []byte(`{"domain":"x","unrecognizedGrpcCode":"?","codes":[{"number":7,"reason":"\n","fault":"OPERATOR"},{"number":7}],"aliases":{"B":9}}`))
	f.Add([]byte(`{"codes":null,"methods":{"a.B":["X","X"],"":null}}`), []byte(`{"codes":[{"number":-1,"retry":{"action":"NEVER","delay":"1s"}}]} {}`))
	f.Fuzz(func(t *testing.T, before, after []byte) {
		was, err := tablediff.Decode(before)
		if err != nil {
			return
		}
		encoded := was.Encode()
		again, err := tablediff.Decode(encoded)
		if err != nil || !bytes.Equal(again.Encode(), encoded) {
			t.Errorf("%s\nbecame\n%s, %v", encoded, again.Encode(), err)
		}
		if changes := tablediff.Compare(was, again); len(changes) > 0 {
			t.Errorf("%s\ndiffers from itself: %v", encoded, changes)
		}
		is, err := tablediff.Decode(after)
		if err != nil {
			return
		}
		changes := tablediff.Compare(was, is)
		for _, c := range changes {
			if line := c.String(); text.OneLine(line) != line || c.Class() < 0 {
				t.Errorf("%q is not one line of text", line)
			}
		}
		if back := tablediff.Compare(is, was); (len(back) == 0) != (len(changes) == 0) {
			t.Errorf("there are changes in one direction only: %v, %v", lines(changes), lines(back))
		}
		if repeated := tablediff.Compare(was, is); !reflect.DeepEqual(lines(repeated), lines(changes)) || !slices.Equal(is.Encode(), is.Encode()) {
			t.Errorf("the changes depend on the order of maps: %v, %v", lines(repeated), lines(changes))
		}
	})
}
