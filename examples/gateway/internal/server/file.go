package server

import (
	"errors"
	"flag"
	"fmt"
	"os"

	"go.yaml.in/yaml/v3"
)

// setting is a value in a file, and where it stands.
type setting struct {
	text string
	line int
}

// readSettings reads a YAML file that has flags as keys. What it does not know
// is an error, since it may be a setting that is misspelt.
func readSettings(path string, flags *flag.FlagSet) (map[string]setting, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	values := map[string]setting{}
	if len(document.Content) == 0 {
		return values, nil // only comments
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: want lines such as app-key: value", path, root.Line)
	}
	var errs []error
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		_, twice := values[key.Value]
		problem := ""
		switch {
		case flags.Lookup(key.Value) == nil || key.Value == "config":
			problem = "is not a setting; see -help, and keep secrets in files or in the environment"
		case twice:
			problem = "is set twice: remove one"
		case value.Kind != yaml.ScalarNode || value.Value == "":
			problem = "needs one value: give it one, or remove the line"
		}
		if problem != "" {
			errs = append(errs, fmt.Errorf("%s:%d: %s %s", path, key.Line, key.Value, problem))
			continue
		}
		values[key.Value] = setting{value.Value, value.Line}
	}
	return values, errors.Join(errs...)
}
