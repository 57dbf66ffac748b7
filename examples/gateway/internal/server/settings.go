package server

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/cooldown"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
	"github.com/codetable/grpc-codetable/examples/gateway/internal/tlsfiles"
)

// settings are all that an operator decides: the keys of the file, which
// gateway.example.yaml explains, and the flags.
type settings struct {
	gateway.Config
	tlsfiles.Paths

	Addr           string        `yaml:"addr" flag:"addr"`
	WebAddr        string        `yaml:"web-addr" flag:"web-addr"`
	MetricsAddr    string        `yaml:"metrics-addr" flag:"metrics-addr"`
	MaxConnections int           `yaml:"max-connections"`
	AllowedHosts   []string      `yaml:"allowed-hosts"`
	WebOrigins     []string      `yaml:"web-origins"`
	Page           string        `yaml:"page" flag:"page" choices:"auto, on, off"`
	Internal       bool          `yaml:"internal" flag:"internal"`
	DrainDelay     time.Duration `yaml:"drain-delay" least:"0"`
	Grace          time.Duration `yaml:"grace" least:"0"`

	MasterSecretFile string `yaml:"master-secret-file"`
	DevSecretFile    string `yaml:"dev-secret-file"`
	UpstreamCAFile   string `yaml:"upstream-ca-file"`
	PhoneKeyFile     string `yaml:"phone-key-file"`

	CoolDown     string `yaml:"cooldown" choices:"auto, on, off"`
	RedisAddr    string `yaml:"redis-addr"`
	RedisURLFile string `yaml:"redis-url-file"`
	RedisURL     gateway.Secret
	RedisTimeout time.Duration `yaml:"redis-timeout"`

	LogFormat string `yaml:"log-format" choices:"text, json"`
	LogLevel  string `yaml:"log-level" flag:"log-level" choices:"debug, info, warn, error"`
	LogRate   int    `yaml:"log-rate"`

	File        string `flag:"config"`
	Simulate    bool   `flag:"simulate"`
	CheckConfig bool   `flag:"check-config"`
	Version     bool   `flag:"version"`

	places map[string]string // of the settings that are given: "-addr" or "gateway.yaml:3: addr"
	faults []error
}

func newSettings() *settings {
	return &settings{
		Config: gateway.Config{}.WithDefaults(),
		Addr:   "127.0.0.1:8090", WebAddr: "127.0.0.1:8091", MetricsAddr: "127.0.0.1:8092", MaxConnections: 1000,
		Page: "auto", Grace: 10 * time.Second, CoolDown: "auto", RedisTimeout: cooldown.DefaultTimeout,
		LogFormat: "text", LogLevel: "info", LogRate: 100,
		places: map[string]string{},
	}
}

// fields are the settings that have a tag, "yaml" or "flag".
func (s *settings) fields(tag string) map[string]field {
	fields := map[string]field{}
	value := reflect.ValueOf(s).Elem()
	for _, f := range reflect.VisibleFields(value.Type()) {
		if name := f.Tag.Get(tag); name != "" && name != "-" {
			fields[name] = field{value.FieldByIndex(f.Index).Addr().Interface(), f.Tag}
		}
	}
	return fields
}

type field struct {
	pointer any
	tag     reflect.StructTag
}

// wants says what a value is for the types of settings.
var wants = map[string]string{
	"time.Duration": "a time such as 500ms, 5s, 10m or 24h: there is no unit for days",
	"int":           "a whole number",
	"int32":         "a whole number of 32 bits",
	"bool":          "true or false",
	"[]string":      "a list such as [a, b]",
	"string":        "one value: give it one, or leave the setting out",
}

// decode returns what is wrong with a value, or "". The errors of package yaml
// would show the value, which may be a secret in the wrong place.
func (f field) decode(node *yaml.Node) string {
	err := node.Decode(f.pointer)
	value, tag := reflect.ValueOf(f.pointer).Elem(), node.ShortTag()
	fraction := tag == "!!float" && value.CanInt() // which yaml would cut off
	digits := strings.TrimLeft(node.Value, "+-")
	octal := tag == "!!int" && len(digits) > 1 && digits[0] == '0' // or another base
	least, limited := f.tag.Lookup("least")
	choices, chosen := f.tag.Lookup("choices")
	switch {
	case err != nil || fraction || octal || tag == "!!null":
		return "needs " + wants[value.Type().String()]
	case !limited && value.CanInt() && value.Int() <= 0:
		return "needs more than 0"
	case least == "0" && value.Int() < 0:
		return "needs 0 or more"
	case chosen && !slices.Contains(strings.Split(choices, ", "), value.String()):
		return "needs one of " + choices
	}
	return ""
}

// readFile decodes key by key, so that all faults are found, with their lines.
func (s *settings) readFile() {
	file, err := os.Open(s.File)
	if err != nil {
		s.refuse("config", fmt.Sprintf("names no file that can be read: %v", withoutPath(err)))
		return
	}
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	var document, more yaml.Node
	if err = decoder.Decode(&document); err != nil {
		if !errors.Is(err, io.EOF) { // which has only comments
			line := regexp.MustCompile(`line \d+|$`).FindString(err.Error())
			s.refuse("config", "names a file that is not YAML: put values with special characters into quotes "+line)
		}
		return
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode || !errors.Is(decoder.Decode(&more), io.EOF) {
		s.refuse("config", "names a file of another form: want one document of lines such as app-key: value")
		return
	}
	for fields := s.fields("yaml"); len(root.Content) > 1; root.Content = root.Content[2:] {
		key, value := root.Content[0].Value, root.Content[1]
		_, twice := s.places[key]
		s.places[key] = fmt.Sprintf("%s:%d: %s", s.File, root.Content[0].Line, key)
		if f, ok := fields[key]; !ok {
			s.refuse(key, "is not a setting: see gateway.example.yaml, and keep secrets in files or in the environment")
		} else if twice {
			s.refuse(key, "is set twice: remove one")
		} else if problem := f.decode(value); problem != "" {
			s.refuse(key, problem)
		}
	}
}

// refuse says what is wrong with a setting, and where it stands.
func (s *settings) refuse(key, problem string) {
	place, given := s.places[key]
	if !given {
		place, problem = key, problem+": set it in the file of -config"
		if variable := secrets[key]; variable != "" {
			problem += ", or set " + variable
		}
	}
	s.faults = append(s.faults, errors.New(place+" "+problem))
}
