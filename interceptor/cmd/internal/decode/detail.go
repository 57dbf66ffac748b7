package decode

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"
)

const (
	// maxDetails bounds the details that are shown of one status.
	maxDetails = 100
	// maxRaw bounds the bytes that are shown of a detail that can't be read, and
	// maxHex those in the text.
	maxRaw, maxHex = 1 << 10, 64
	// maxReadable bounds a detail that is read as a message. A larger one is shown
	// raw, because messages of type Any inside each other cost the square of
	// their size.
	maxReadable = 64 << 10
)

// Detail is a detail of a status. It has a value if its type is known, and else
// the bytes, or the JSON of the input.
type Detail struct {
	Type  string          `json:"type"` // the name of the message, or the type URL
	Size  int             `json:"size"` // of the value in bytes, 0 if only the JSON is known
	Value json.RawMessage `json:"value,omitempty"`
	// Base64 holds the first KiB of the bytes.
	Base64 string `json:"base64,omitempty"`
	Cut    bool   `json:"cut,omitempty"`
	Note   string `json:"note,omitempty"` // why it is raw

	raw []byte
}

func (r *Report) setDetails(f *Found, types Types) {
	all := f.Status.GetDetails()
	if len(all) > maxDetails {
		r.warn("only the first %d of %d details are shown", maxDetails, len(all))
		all = all[:maxDetails]
	}
	r.Details = []Detail{} // no null in JSON
	for _, detail := range all {
		r.Details = append(r.Details, newDetail(detail, f.JSON[detail], types))
	}
}

func newDetail(detail *anypb.Any, text string, types Types) Detail {
	d := Detail{Type: cmp.Or(string(detail.MessageName()), detail.GetTypeUrl()), Size: len(detail.GetValue())}
	if len(text) > maxReadable {
		d.Note = "its type is not known, and its JSON is too large to show"
		return d
	}
	raw, err := []byte(text), error(nil)
	if text != "" {
		d.Note = "as in the input: its type is not known"
	} else {
		raw, err = readable(detail, types)
	}
	var b bytes.Buffer // protojson varies its white space
	if err == nil {
		err = json.Compact(&b, raw)
	}
	if err == nil {
		d.Value = b.Bytes()
		return d
	}
	d.Note = reasonOf(err)
	d.raw = detail.GetValue()[:min(d.Size, maxRaw)]
	d.Base64, d.Cut = base64.StdEncoding.EncodeToString(d.raw), d.Size > maxRaw
	return d
}

// readable returns a detail as JSON.
func readable(detail *anypb.Any, types Types) ([]byte, error) {
	if len(detail.GetValue()) > maxReadable {
		return nil, fmt.Errorf("it is larger than %d KiB", maxReadable>>10)
	}
	message, err := anypb.UnmarshalNew(detail, proto.UnmarshalOptions{Resolver: types})
	if errors.Is(err, protoregistry.NotFound) {
		return nil, errors.New("its type is not known")
	}
	if err != nil {
		return nil, err
	}
	return protojson.MarshalOptions{Resolver: types}.Marshal(message)
}

// String returns the detail on one line.
func (d Detail) String() string {
	value := string(d.Value)
	if d.Value == nil {
		value = fmt.Sprintf("%d bytes: %x", d.Size, d.raw[:min(len(d.raw), maxHex)])
		if d.Size > maxHex {
			value += "..."
		}
	}
	return d.Type + " " + value + inBrackets(d.Note)
}

// reasonOf returns the text of an error of protobuf, which varies its white
// space.
func reasonOf(err error) string {
	return strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\u00a0", " "), "proto: ")
}
