// Command schemas writes the JSON schemas with which kubeconform checks manifests without a
// network. They come from Go modules that hold the OpenAPI documents of Kubernetes, or the
// custom resources of the Prometheus operator:
//
//	schemas FOLDER MODULE@VERSION...
//
// The names of the files are those that kubeconform looks for, such as deployment-apps-v1.json.
// The schemas refuse fields that they do not list.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

// sources are the folders of these modules that hold schemas, and how to read a file there.
var sources = map[string]func([]byte) (map[string]any, error){
	"api/openapi-spec/v3/*__v1_openapi.json": readDocument,
	"example/prometheus-operator-crd/*.yaml": readDefinition,
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "schemas: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 2 {
		return errors.New("want as arguments a folder, and modules with their versions")
	}
	if err := os.MkdirAll(args[0], 0o750); err != nil { //nolint:gosec // the caller chooses the folder
		return err
	}
	for _, module := range args[1:] {
		if err := convert(args[0], module); err != nil {
			return fmt.Errorf("%s: %w", module, err)
		}
	}
	return nil
}

// convert writes the schemas of a module.
func convert(folder, module string) error {
	dir, err := download(module)
	if err != nil {
		return err
	}
	found := false
	for pattern, read := range sources {
		paths, _ := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern))) // the patterns are valid
		for _, path := range paths {
			text, err := os.ReadFile(path) //nolint:gosec // a file of the module
			if err != nil {
				return err
			}
			schemas, err := read(text)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			for name, schema := range schemas {
				found = true
				if err := write(filepath.Join(folder, name), schema); err != nil {
					return err
				}
			}
		}
	}
	if !found {
		return errors.New("has no schemas where they are expected")
	}
	return nil
}

// download returns the folder of a module in the cache. It runs outside of this module, so
// that go.mod and go.sum do not change.
func download(module string) (string, error) {
	command := exec.Command("go", "mod", "download", "-json", module) //nolint:gosec // the caller chooses the module
	command.Dir = os.TempDir()
	out, err := command.Output()
	var got struct{ Dir, Error string }
	if json.Unmarshal(out, &got) == nil && got.Error != "" {
		return "", errors.New(got.Error)
	}
	return got.Dir, err
}

func write(path string, schema any) error {
	text, err := json.Marshal(schema)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600) //nolint:gosec // the caller chooses the folder
}

// fileName is kubeconform's name for the schema of a kind.
func fileName(group, version, kind string) string {
	group, _, _ = strings.Cut(group, ".")
	if group != "" {
		group += "-"
	}
	return strings.ToLower(kind + "-" + group + version + ".json")
}

const reference = "#/components/schemas/"

// readDocument returns the resources of an OpenAPI document, each with the schemas that it
// refers to.
func readDocument(text []byte) (map[string]any, error) {
	var document struct {
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	all, resources := document.Components.Schemas, map[string]any{}
	for name, schema := range all {
		restrict(schema)
		var kinds struct {
			Of []struct{ Group, Version, Kind string } `json:"x-kubernetes-group-version-kind"`
		}
		again, _ := json.Marshal(schema) // it was JSON before
		if err := json.Unmarshal(again, &kinds); err != nil {
			return nil, err
		}
		// A schema of several groups, such as DeleteOptions, is no resource.
		if len(kinds.Of) == 1 {
			root := map[string]any{"$ref": reference + name}
			needed := map[string]any{}
			collect(all, root, needed)
			root["components"] = map[string]any{"schemas": needed}
			resources[fileName(kinds.Of[0].Group, kinds.Of[0].Version, kinds.Of[0].Kind)] = root
		}
	}
	return resources, nil
}

// collect finds the schemas that a value refers to, directly or not.
func collect(all map[string]any, value any, needed map[string]any) {
	switch value := value.(type) {
	case []any:
		for _, part := range value {
			collect(all, part, needed)
		}
	case map[string]any:
		for _, part := range value {
			collect(all, part, needed)
		}
		ref, _ := value["$ref"].(string)
		name, ok := strings.CutPrefix(ref, reference)
		if _, known := needed[name]; ok && !known {
			needed[name] = all[name]
			collect(all, all[name], needed)
		}
	}
}

// readDefinition returns the versions of a custom resource.
func readDefinition(text []byte) (map[string]any, error) {
	var definition struct {
		Spec struct {
			Group    string
			Names    struct{ Kind string }
			Versions []struct {
				Name   string
				Schema struct {
					OpenAPI map[string]any `yaml:"openAPIV3Schema"`
				}
			}
		}
	}
	if err := yaml.Unmarshal(text, &definition); err != nil {
		return nil, err
	}
	resources := map[string]any{}
	for _, version := range definition.Spec.Versions {
		restrict(version.Schema.OpenAPI)
		resources[fileName(definition.Spec.Group, version.Name, definition.Spec.Names.Kind)] = version.Schema.OpenAPI
	}
	return resources, nil
}

// restrict refuses fields that a schema does not list, where it lists any.
func restrict(value any) {
	schema, ok := value.(map[string]any)
	if !ok {
		return
	}
	properties, closed := schema["properties"].(map[string]any)
	if _, open := schema["additionalProperties"]; closed && !open && schema["x-kubernetes-preserve-unknown-fields"] != true {
		schema["additionalProperties"] = false
	}
	for _, property := range properties {
		restrict(property)
	}
	for _, key := range []string{"items", "additionalProperties"} {
		restrict(schema[key])
	}
}
