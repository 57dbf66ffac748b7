package source

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

// module is a folder to which the paths of imports are relative.
type module struct {
	root    string
	exclude []string // folders without files of the module
}

func (m module) excludes(path string) bool { return slices.Contains(m.exclude, path) }

// bufYAML is what this package reads of a buf.yaml (v1 or v2) and of a
// buf.work.yaml.
type bufYAML struct {
	Modules []struct {
		Path     string   `yaml:"path"`
		Excludes []string `yaml:"excludes"`
	} `yaml:"modules"`
	Build struct {
		Excludes []string `yaml:"excludes"`
	} `yaml:"build"`
	Directories []string `yaml:"directories"`
}

// readModules returns the modules that a buf.yaml or buf.work.yaml in a folder
// names, or else the folder itself.
func readModules(folder string) ([]module, error) {
	for _, name := range []string{"buf.work.yaml", "buf.yaml"} {
		path := filepath.Join(folder, name)
		raw, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var config bufYAML
		if err == nil {
			err = yaml.NewDecoder(bytes.NewReader(raw)).Decode(&config)
		}
		if err == nil {
			err = config.checkPaths()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return config.modules(folder), nil
	}
	return []module{{root: filepath.Clean(folder)}}, nil
}

// checkPaths reports a module outside of the folder, as buf does. The file may
// come from anybody, and all files of a module are read.
func (c bufYAML) checkPaths() error {
	paths := slices.Clone(c.Directories)
	for _, entry := range c.Modules {
		paths = append(paths, cmp.Or(entry.Path, "."))
	}
	for _, path := range paths {
		if !filepath.IsLocal(path) {
			return fmt.Errorf("the path %q is outside of the folder", path)
		}
	}
	return nil
}

func (c bufYAML) modules(folder string) (list []module) {
	for _, directory := range c.Directories {
		list = append(list, module{root: filepath.Join(folder, directory)})
	}
	for _, entry := range c.Modules {
		list = append(list, module{filepath.Join(folder, entry.Path), within(folder, entry.Excludes)})
	}
	if len(list) == 0 {
		list = []module{{filepath.Clean(folder), within(folder, c.Build.Excludes)}}
	}
	return list
}

func within(folder string, paths []string) (list []string) {
	for _, path := range paths {
		list = append(list, filepath.Join(folder, path))
	}
	return list
}
