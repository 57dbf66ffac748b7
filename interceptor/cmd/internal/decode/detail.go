package decode

import (
	"bytes"
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
	// maxRaw bounds the bytes that are shown of a detail that can't be read.
	maxRaw = 1 << 10
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

func describeDetails(f *Found, types Types) []Detail {
	list := []Detail{}
	for _, detail := range f.Status.GetDetails() {
		if len(list) == maxDetails {
			f.Warnings = append(f.Warnings, fmt.Sprintf("only the first %d of %d details are shown", maxDetails, len(f.Status.GetDetails())))
			break
		}
		list = append(list, describeDetail(detail, f.JSON[detail], types))
	}
	return list
}

func describeDetail(detail *anypb.Any, text string, types Types) Detail {
	d := Detail{Type: string(detail.MessageName()), Size: len(detail.GetValue())}
	if d.Type == "" {
		d.Type = detail.GetTypeUrl()
	}
	switch value, err := readable(detail, types); {
	case text != "" && len(text) <= maxReadable:
		d.Value, d.Note = json.RawMessage(text), "as in the input: its type is not known"
		d.Size = 0
	case text != "":
		d.Note = "its type is not known, and its JSON is too large to show"
	case err == nil:
		d.Value = value
	default:
		d.Note = reasonOf(err)
		d.raw = detail.GetValue()[:min(d.Size, maxRaw)]
		d.Base64, d.Cut = base64.StdEncoding.EncodeToString(d.raw), d.Size > maxRaw
	}
	return d
}

var errUnknownType = errors.New("its type is not known")

// readable returns a detail as JSON.
func readable(detail *anypb.Any, types Types) (json.RawMessage, error) {
	if len(detail.GetValue()) > maxReadable {
		return nil, fmt.Errorf("it is larger than %d KiB", maxReadable>>10)
	}
	message, err := anypb.UnmarshalNew(detail, proto.UnmarshalOptions{Resolver: types})
	if errors.Is(err, protoregistry.NotFound) {
		return nil, errUnknownType
	}
	if err != nil {
		return nil, err
	}
	raw, err := protojson.MarshalOptions{Resolver: types}.Marshal(message)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer // protojson varies its white space
	if err := json.Compact(&b, raw); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// reasonOf returns the text of an error of protobuf, which varies its white
// space.
func reasonOf(err error) string {
	return strings.TrimPrefix(strings.ReplaceAll(err.Error(), "\u00a0", " "), "proto: ")
}
