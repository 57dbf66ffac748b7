package server

import (
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/codetable/grpc-codetable/examples/gateway/internal/gateway"
)

//go:embed usage.txt
var usage string

// parse returns the settings of a command line, and of the file and the
// environment where it says nothing. All faults are one error.
func parse(args []string, env environment) (*settings, error) {
	s := newSettings()
	given := map[string]string{}
	flags := flag.NewFlagSet("gateway", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // the caller prints the error
	fields := s.fields("flag")
	for name, f := range fields {
		define := flags.Func
		if f.Kind() == reflect.Bool {
			define = flags.BoolFunc
		}
		define(name, "", func(text string) error { given[name] = text; return nil }) // flag would show a wrong value
	}
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, errors.New("unexpected argument: want only flags")
	}
	if path, ok := given["config"]; ok {
		s.File, s.places["config"] = file(path), "-config"
		s.readFile()
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		s.places[name] = "-" + name
		problem := fields[name].decode(&yaml.Node{Kind: yaml.ScalarNode, Value: given[name]})
		s.require(problem == "", name, problem)
	}
	if s.followPort(); len(s.faults) == 0 && !s.Version {
		s.check(env)
	}
	if err := errors.Join(s.faults...); err != nil {
		return nil, errors.Join(err, errors.Join(env.misspelt()...)) // which may be why
	}
	return s, nil
}

// readFile decodes key by key, so that all faults are found, with their lines.
func (s *settings) readFile() {
	text, ok := s.read("config", s.File)
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var document, more yaml.Node
	err := decoder.Decode(&document)
	switch {
	case !ok || errors.Is(err, io.EOF): // nothing, or only comments
		return
	case err != nil:
		line := regexp.MustCompile(`line \d+|$`).FindString(err.Error())
		s.refuse("config", "names a file that is not YAML: put values with special characters into quotes "+line)
		return
	case document.Content[0].Kind != yaml.MappingNode || !errors.Is(decoder.Decode(&more), io.EOF):
		s.refuse("config", "names a file of another form: want one document of lines such as app-key: value")
		return
	}
	fields := s.fields("yaml")
	for pair := range slices.Chunk(document.Content[0].Content, 2) {
		key := pair[0].Value
		_, twice := s.places[key]
		s.places[key] = fmt.Sprintf("%s:%d: %s", s.File, pair[0].Line, key)
		s.require(!twice, key, "is set twice: remove one")
		problem := fields[key].decode(pair[1])
		s.require(problem == "", key, problem)
	}
}

// fields are the settings that have a tag, "yaml" or "flag".
func (s *settings) fields(tag string) map[string]field {
	fields := map[string]field{}
	value := reflect.ValueOf(s).Elem()
	for _, f := range reflect.VisibleFields(value.Type()) {
		if name := f.Tag.Get(tag); name != "" && name != "-" {
			fields[name] = field{value.FieldByIndex(f.Index), f.Tag}
		}
	}
	return fields
}

type field struct {
	reflect.Value
	tag reflect.StructTag
}

// wants says what a value is for the kinds of settings.
var wants = map[reflect.Kind]string{
	reflect.Int64:  "a time such as 500ms, 5s, 10m or 24h: there is no unit for days",
	reflect.Int:    "a whole number",
	reflect.Int32:  "a whole number of 32 bits",
	reflect.Bool:   "true or false",
	reflect.Slice:  "a list such as [a, b]",
	reflect.String: "one value: give it one, or leave the setting out",
}

var zeroLed = regexp.MustCompile(`^[-+]?0.`)

// decode returns what is wrong with a value, or "". The errors of package yaml
// would show the value, which may be a secret in the wrong place.
func (f field) decode(node *yaml.Node) string {
	if !f.IsValid() {
		return "is not a setting: see gateway.example.yaml, and keep secrets in files or in the environment"
	}
	err, tag := node.Decode(f.Addr().Interface()), node.ShortTag()
	// Yaml would cut off a fraction, and read 010 as 8.
	misread := f.CanInt() && (tag == "!!float" || tag == "!!int" && zeroLed.MatchString(node.Value))
	least, choices := f.tag.Get("least"), f.tag.Get("choices")
	switch {
	case err != nil || misread || tag == "!!null":
		return "needs " + wants[f.Kind()]
	case least == "" && f.CanInt() && f.Int() <= 0:
		return "needs more than 0"
	case least == "0" && f.Int() < 0:
		return "needs 0 or more"
	case choices != "" && !slices.Contains(strings.Split(choices, ", "), f.String()):
		return "needs one of " + choices
	}
	return ""
}

// readContents does not choose between a file and a variable: one of them may hold
// an old secret.
func (s *settings) readContents(env environment) {
	fields := s.fields("yaml")
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		variable := secrets[key]
		path, ok := fields[key].Interface().(file)
		switch {
		case !ok || path == "" && env[variable] == "":
		case path == "":
			s.contents[key] = gateway.Secret(env[variable])
		case env[variable] != "":
			s.refuse(key, "and "+variable+" are both set: unset one")
		default:
			if text, ok := s.read(key, path); ok {
				s.contents[key] = gateway.Secret(strings.TrimSpace(text))
				s.require(variable == "" || s.contents[key] != "", key, "names an empty file: write the secret into it")
			}
		}
	}
}

// read returns what the file of a setting holds.
func (s *settings) read(key string, path file) (text string, ok bool) {
	content, err := os.ReadFile(string(path))
	if fault, ok := errors.AsType[*fs.PathError](err); ok {
		err = fault.Err // without the path, which may be a secret in the wrong place
	}
	s.require(err == nil, key, fmt.Sprintf("names no file that can be read: %v", err))
	return string(content), err == nil
}

// environment has the variables of the process.
type environment map[string]string

func newEnvironment(variables []string) environment {
	env := environment{}
	for _, variable := range variables {
		name, value, _ := strings.Cut(variable, "=")
		env[name] = value
	}
	delete(env, "") // the folders of the drives of Windows
	return env
}

// secrets are the variables for what a file holds that a key names.
var secrets = map[string]string{
	"master-secret-file": "JVERIFICATION_MASTER_SECRET",
	"dev-secret-file":    "JVERIFICATION_DEV_SECRET",
	"redis-url-file":     "JVERIFICATION_REDIS_URL",
}

// injected is what Kubernetes sets for a service that is called jverification or
// begins with that.
var injected = regexp.MustCompile(`_SERVICE_HOST=|_SERVICE_PORT(_[A-Z0-9_]+)?=|_PORT(_\d+_[A-Z]+)?=[a-z]+://|_PORT_\d+_[A-Z]+_(PROTO|PORT|ADDR)=`)

// misspelt finds the variables that look like settings and are none. They are no
// error, since anybody may set variables of that prefix, but the setting that was
// meant may be one that hides or refuses something.
func (env environment) misspelt() (warnings []error) {
	known := slices.Sorted(maps.Values(secrets))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if strings.HasPrefix(strings.ToUpper(name), "JVERIFICATION_") && !slices.Contains(known, name) && !injected.MatchString(name+"="+env[name]) {
			warnings = append(warnings, fmt.Errorf("%s is not a setting, and has no effect: unset it, and use the file of -config, or one of %s",
				name, strings.Join(known, ", ")))
		}
	}
	return warnings
}
