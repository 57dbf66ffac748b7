package rest

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// reply is what every reply of the upstream may have.
type reply struct {
	code              int32
	content, id, exID string
}

// parse decodes the top level of a body. It reports false for what is not a
// JSON object with a code: a number that fits an enum.
func parse(body []byte, fields Fields) (reply, bool) {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return reply{}, false
	}
	code, err := strconv.ParseInt(string(object[fields.Code]), 10, 32)
	if err != nil {
		return reply{}, false
	}
	return reply{
		code:    int32(code),
		content: scalar(object[fields.Content]),
		id:      scalar(object[fields.ID]),
		exID:    scalar(object[fields.ExID]),
	}, true
}

// scalar returns a string as it is, and a number with every digit that the
// upstream wrote: a float64 would round a 64-bit id. Other values are not
// fields of ours, and read as "".
func scalar(raw json.RawMessage) string {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return ""
	}
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	default:
		return ""
	}
}
