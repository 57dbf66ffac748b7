package server

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const secret = "5e987ac6d2e04d95a9d8f0d1"

// valid is an upstream for files whose fault is elsewhere.
const valid = "upstream-url: https://api.example\napp-key: key\nmaster-secret-file: SECRET\n"

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// paths replaces the words that stand for files in a table of tests.
func paths(t *testing.T) *strings.Replacer {
	t.Helper()
	cert, key, _ := newCertificate(t)
	dir := t.TempDir()
	return strings.NewReplacer("SECRET", write(t, secret), "EMPTY", write(t, " \n"), "CERT", cert, "KEY", key, "NONE", filepath.Join(dir, "none"), "DIR", dir)
}

// try runs the command to its end.
func try(t *testing.T, env environment, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = process{args: args, env: env, stdout: &out, stderr: &errs}.run(t.Context())
	return code, out.String(), errs.String()
}

type fault struct {
	name, file string
	args       []string
	env        environment
	want       string
}

// TestFlagFaults wants the flag and the remedy, and no value.
func TestFlagFaults(t *testing.T) {
	t.Parallel()
	testFaults(t, []fault{
		{"unknown flag", "", []string{"-x"}, nil, "-x"},
		{"argument", "", []string{secret}, nil, "unexpected argument: want only flags"},
		{"secret as a flag", "", []string{"-master-secret", secret}, nil, "not defined: -master-secret"},
		{"setting of the file as a flag", "", []string{"-app-key", "a"}, nil, "not defined: -app-key"},
		{"no value", "", []string{"-simulate", "-addr"}, nil, "flag needs an argument: -addr"},
		{"empty value", "", []string{"-simulate", "-addr", ""}, nil, "-addr needs one value"},
		{"another boolean", "", []string{"-simulate=" + secret}, nil, "-simulate needs true or false"},
		{"no gRPC", "", []string{"-simulate", "-addr", "off"}, nil, "-addr can't be off"},
		{"no port", "", []string{"-simulate", "-addr", secret}, nil, "-addr is not an address such as 127.0.0.1:8090"},
		{"port that is none", "", []string{"-simulate", "-web-addr", "127.0.0.1:none"}, nil, "-web-addr is not an address"},
		{"large port", "", []string{"-simulate", "-metrics-addr", "127.0.0.1:65536"}, nil, "-metrics-addr is not an address"},
		{"log level", "", []string{"-simulate", "-log-level", "loud"}, nil, "-log-level needs one of debug, info, warn, error"},
		{"page", "", []string{"-simulate", "-page=false"}, nil, "-page needs one of auto, on, off"},
		{"no file", "", []string{"-config", "NONE"}, nil, "-config names no file that can be read: no such file or directory"},
		{"folder", "", []string{"-config", "DIR"}, nil, "-config names"},
		{"every fault at once", "grace: 1d\n", []string{"-page=x", "-log-level", "y"}, nil, "-log-level needs one of debug, info, warn, error\n-page needs"},
	})
}

// TestFileFaults wants the line, the key and the remedy, and no value.
func TestFileFaults(t *testing.T) {
	t.Parallel()
	testFaults(t, []fault{
		{"misspelt", "addr: a\nupstream_url: b\n", nil, nil, ":2: upstream_url is not a setting"},
		{"a secret", "master-secret: " + secret, nil, nil, ":1: master-secret is not a setting: see gateway.example.yaml, and keep secrets"},
		{"a flag", "config: x\nsimulate: true\n", nil, nil, ":2: simulate is not a setting"},
		{"a field", "MasterSecret: " + secret, nil, nil, ":1: MasterSecret is not a setting"},
		{"twice", "grace: 1s\ngrace: 2s\n", nil, nil, ":2: grace is set twice: remove one"},
		{"no value", "grace:\n", nil, nil, ":1: grace needs a time such as"},
		{"no text", "app-key:\n", nil, nil, ":1: app-key needs one value: give it one, or leave the setting out"},
		{"two values", "app-key: [1s, 2s]\n", nil, nil, ":1: app-key needs one value"},
		{"two times", "grace: [1s, 2s]\n", nil, nil, ":1: grace needs a time"},
		{"number", "\nrisk-attempts: many\n", nil, nil, ":2: risk-attempts needs a whole number"},
		{"fraction", "risk-attempts: 2.5\n", nil, nil, ":1: risk-attempts needs a whole number"},
		{"large number", "log-rate: 99999999999999999999\n", nil, nil, ":1: log-rate needs a whole number"},
		{"time without a unit", "timeout: 5\n", nil, nil, ":1: timeout needs a time such as 500ms, 5s"},
		{"day", "grace: 1d\n", nil, nil, ":1: grace needs a time such as 500ms, 5s, 10m or 24h: there is no unit for days"},
		{"boolean", "internal: perhaps\n", nil, nil, ":1: internal needs true or false"},
		{"list", "web-origins: https://a.example, https://b.example\n", nil, nil, ":1: web-origins needs a list such as [a, b]"},
		{"choice", "cooldown: yes\n", nil, nil, ":1: cooldown needs one of auto, on, off"},
		{"log format", "log-format: xml\n", nil, nil, ":1: log-format needs one of text, json"},
		{"no time", "timeout: 0s\n", nil, nil, ":1: timeout needs more than 0"},
		{"no connections", "max-connections: 0\n", nil, nil, ":1: max-connections needs more than 0"},
		{"negative grace", "grace: -1s\n", nil, nil, ":1: grace needs 0 or more"},
		{"negative delay", "drain-delay: -1s\n", nil, nil, ":1: drain-delay needs 0 or more"},
		{"large captcha code", "captcha-success-code: 2147483648\n", nil, nil, ":1: captcha-success-code needs a whole number of 32 bits"},
		{"no settings", "- a\n", nil, nil, "want one document of lines such as app-key: value"},
		{"two documents", "addr: a\n---\naddr: b\n", nil, nil, "want one document of lines"},
		{"no YAML", "\na: b: c\n", nil, nil, "is not YAML: put values with special characters into quotes line 2"},
		{"an anchor", "app-key: *" + secret + "\n", nil, nil, "is not YAML"},
		{"every fault at once", "grace: 1d\nx: y\nlog-rate: z\n", nil, nil, "for days\n"},
	})
}

// TestSettingFaults wants what does not fit together, with the key and the remedy.
func TestSettingFaults(t *testing.T) {
	t.Parallel()
	const tls = valid + "tls-cert-file: CERT\ntls-key-file: "
	testFaults(t, []fault{
		{"nothing", "", nil, nil, "no upstream is set: set upstream-url, app-key and master-secret-file in the file of -config, or use -simulate to try"},
		{"nothing of the upstream", "grace: 1s\n", nil, nil, "no upstream is set"},
		{"admin of nothing", valid + "admin: true\nmetrics-addr: off\n", nil, nil, ":4: admin has no effect without the metrics address: set metrics-addr, or leave admin out"},
		{"simulator and upstream", valid, []string{"-simulate"}, nil, "-simulate would answer calls that are meant for an upstream: leave it out"},
		{"simulator and key", "app-key: a\n", []string{"-simulate"}, nil, "-simulate would answer calls"},
		{"simulator and secret", "", []string{"-simulate"}, environment{"JVERIFICATION_DEV_SECRET": secret}, "-simulate would answer calls"},
		{"key alone", "app-key: a\n", nil, nil, "upstream-url is missing: set it in the file of -config"},
		{"secret alone", "", nil, environment{"JVERIFICATION_MASTER_SECRET": secret}, "upstream-url is missing"},
		{"URL alone", "upstream-url: https://api.example\n", nil, nil, "app-key is missing: set it in the file of -config"},
		{"no secret", "upstream-url: https://api.example\napp-key: a\n", nil, nil, "master-secret-file is missing: set it in the file of -config, or set JVERIFICATION_MASTER_SECRET"},
		{"half an activation", valid + "admin-url: https://api.example\n", nil, nil, "dev-key is missing: set it"},
		{"no secret of the activation", valid + "admin-url: https://api.example\ndev-key: a\n", nil, nil, "or set JVERIFICATION_DEV_SECRET"},
		{"plain http", "upstream-url: http://api.example\n", nil, nil, ":1: upstream-url does not begin with https://"},
		{"secret in the URL", "upstream-url: https://a:" + secret + "@api.example\n", nil, nil, ":1: upstream-url holds credentials"},
		{"colon in the key", "app-key: a:" + secret + "\n", nil, nil, ":1: app-key contains a colon"},
		{"failing captcha code", valid + "captcha-success-code: 7104\n", nil, nil, ":4: captcha-success-code is a failure in the table"},
		{"phone pattern", valid + "phone-pattern: (\n", nil, nil, ":4: phone-pattern is not a regular expression"},
		{"size beyond gRPC", valid + "max-request-bytes: 4294967296\n", nil, nil, ":4: max-request-bytes is more than 1 GiB"},
		{"two secrets", valid, nil, environment{"JVERIFICATION_MASTER_SECRET": secret}, ":3: master-secret-file and JVERIFICATION_MASTER_SECRET are both set: unset one"},
		{"empty secret", "master-secret-file: EMPTY\n", nil, nil, ":1: master-secret-file names an empty file: write the secret into it"},
		{"no secret file", "dev-secret-file: NONE\n", nil, nil, ":1: dev-secret-file names no file that can be read: no such file or directory"},
		{"no phone key", "phone-key-file: NONE\n", nil, nil, ":1: phone-key-file names no file that can be read"},
		{"another phone key", "phone-key-file: KEY\n", nil, nil, ":1: phone-key-file holds no RSA private key: set it to a file with one in PEM"},
		{"no authorities", "upstream-ca-file: NONE\n", nil, nil, ":1: upstream-ca-file names no file that can be read"},
		{"no authority", "upstream-ca-file: KEY\n", nil, nil, ":1: upstream-ca-file holds no certificate: set it to a file of certificates in PEM"},
		{"certificate alone", "tls-cert-file: CERT\n", nil, nil, "set both of tls-cert-file and tls-key-file"},
		{"key of a certificate alone", "tls-key-file: KEY\n", nil, nil, "set both of tls-cert-file and tls-key-file"},
		{"client authorities alone", "tls-client-ca-file: CERT\n", nil, nil, "set tls-cert-file and tls-key-file too"},
		{"no certificate", "tls-cert-file: NONE\ntls-key-file: KEY\n", nil, nil, "tls-cert-file names no file that can be read: no such file"},
		{"key for certificate", "tls-cert-file: KEY\ntls-key-file: CERT\n", nil, nil, "tls-cert-file and tls-key-file are not a certificate and its key"},
		{"no client authority", tls + "KEY\ntls-client-ca-file: KEY\n", nil, nil, "tls-client-ca-file holds no certificate"},
		{"origin", "web-origins: [example.com]\n", nil, nil, ":1: web-origins holds something else than origins such as https://app.example.com"},
		{"origins of a pattern", "web-origins: ['https://*.example.com']\n", nil, nil, ":1: web-origins holds something else than origins such as https://app.example.com"},
		{"origin that no browser sends", "web-origins: ['https://App.example.com']\n", nil, nil, ":1: web-origins holds something else than origins such as https://app.example.com"},
		{"host with its port", "allowed-hosts: ['a.example:8091']\n", nil, nil, ":1: allowed-hosts holds something else than names such as gateway.example.com"},
		{"hosts of a pattern", "allowed-hosts: ['*.example']\n", nil, nil, ":1: allowed-hosts holds something else than names"},
		{"URL for a host", "allowed-hosts: ['https://a.example']\n", nil, nil, ":1: allowed-hosts holds something else than names"},
		{"callers by certificates that nobody has", "caller-identity: certificate\n", nil, nil, ":1: caller-identity needs certificates of clients: set tls-client-ca-file"},
		{"octal number", "max-connections: 0100\n", nil, nil, ":1: max-connections needs a whole number"},
		{"Redis password", valid + "redis-addr: redis://:" + secret + "@localhost\n", nil, nil, ":4: redis-addr holds credentials: set redis-url-file or JVERIFICATION_REDIS_URL instead"},
		{"no Redis URL", valid, nil, environment{"JVERIFICATION_REDIS_URL": "http://:" + secret + "@localhost"}, "JVERIFICATION_REDIS_URL is not a URL such as redis://"},
		{"no Redis address", valid + "redis-addr: http://localhost\n", nil, nil, ":4: redis-addr is not an address such as localhost:6379"},
		{"two Redis", valid + "redis-addr: localhost:6379\nredis-url-file: SECRET\n", nil, nil, ":4: redis-addr and the URL of a Redis are both set"},
		{"no trace endpoint", valid, nil, environment{"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4317"}, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is not a URL: set it to"},
		{"another protocol", valid, nil, environment{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, "OTEL_EXPORTER_OTLP_PROTOCOL is another protocol than the one spoken here: set it to grpc"},
		{"another protocol for traces", valid, nil, environment{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"}, "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is another"},
		{"every fault at once", valid + "web-origins: [x]\nphone-pattern: (\n", nil, nil, "(https://go.dev/s/re2syntax)\n"},
	})
}

func testFaults(t *testing.T, tests []fault) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			replace := paths(t)
			var args []string
			if tt.file != "" {
				args = append(args, "-config", write(t, replace.Replace(tt.file)))
			}
			for _, arg := range tt.args {
				args = append(args, replace.Replace(arg))
			}
			code, stdout, stderr := try(t, tt.env, args...)
			if code != exitUsage || stdout != "" {
				t.Errorf("exit code = %d, want %d; stdout = %q", code, exitUsage, stdout)
			}
			if !strings.Contains(stderr, tt.want) || strings.Contains(stderr, secret) {
				t.Errorf("stderr = %s, want %s", stderr, tt.want)
			}
		})
	}
}

// TestNoValueIsShown puts a secret in place of each setting, in the file and on
// the command line.
func TestNoValueIsShown(t *testing.T) {
	t.Parallel()
	if code, _, stderr := try(t, nil, "-config", secret); code != exitUsage || strings.Contains(stderr, secret) {
		t.Errorf("-config: exit code %d, stderr = %s", code, stderr)
	}
	shown := func(t *testing.T, code int, stdout, stderr string) {
		t.Helper()
		if code == exitFailure || strings.Contains(stdout+stderr, secret) {
			t.Errorf("exit code %d, stdout = %s, stderr = %s", code, stdout, stderr)
		}
	}
	for key := range newSettings().fields("yaml") {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			for _, value := range []string{secret, "[" + secret + "]", "{a: " + secret + "}", "!!int " + secret, "https://a.example:" + secret, "127.0.0.1:" + secret} {
				for _, others := range []string{"", paths(t).Replace(valid)} {
					code, stdout, stderr := try(t, nil, "-check-config", "-config", write(t, others+key+": "+value+"\n"))
					shown(t, code, stdout, stderr)
				}
			}
		})
	}
	for name := range newSettings().fields("flag") {
		code, stdout, stderr := try(t, nil, "-check-config", "-"+name+"="+secret)
		shown(t, code, stdout, stderr)
	}
}

// TestTakenAddress can't be found by a check: the exit code is another one.
func TestTakenAddress(t *testing.T) {
	t.Parallel()
	busy, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { busy.Close() })
	for _, flag := range []string{"addr", "web-addr", "metrics-addr"} {
		code, _, stderr := try(t, nil, "-simulate", "-addr", "127.0.0.1:0", "-"+flag, busy.Addr().String())
		if want := "gateway: " + flag + ": address already in use: set it to a free address\n"; code != exitFailure || !strings.HasSuffix(stderr, want) {
			t.Errorf("exit code %d, stderr = %s, want %s", code, stderr, want)
		}
	}
	code, _, stderr := try(t, nil, "-simulate", "-addr", "127.0.0.1:0", "-web-addr", secret+".invalid:1")
	if code != exitFailure || !strings.Contains(stderr, "web-addr: no address of this machine") || strings.Contains(stderr, secret) {
		t.Errorf("exit code %d, stderr = %s", code, stderr)
	}
}

// TestMisspelt wants the variable and the remedy, and no value.
func TestMisspelt(t *testing.T) {
	t.Parallel()
	tests := []struct{ variable, want string }{
		{"JVERIFICATION_MASTERSECRET=" + secret, "JVERIFICATION_MASTERSECRET is not a setting, and has no effect: unset it, and use the file of -config, or one of JVERIFICATION_DEV_SECRET, "},
		{"JVERIFICATION_UPSTREAM_URL=https://api.example", "JVERIFICATION_UPSTREAM_URL is not a setting"},
		{"JVERIFICATION_INTERNAL=", "JVERIFICATION_INTERNAL is not a setting"},
		{"jverification_master_secret=" + secret, "jverification_master_secret is not a setting"},
		{"JVERIFICATION_PORT=8090", "JVERIFICATION_PORT is not a setting"},
		{"JVERIFICATION_MASTER_SECRET=" + secret, ""},
		{"JVERIFICATION_DEV_SECRET=" + secret, ""},
		{"JVERIFICATION_REDIS_URL=" + secret, ""},
		{"JVERIFICATIONS=1", ""},
		{"JVERIFICATION_SERVICE_HOST=10.0.0.1", ""},
		{"JVERIFICATION_GATEWAY_SERVICE_PORT=8090", ""},
		{"JVERIFICATION_SERVICE_PORT_GRPC_WEB=8091", ""},
		{"JVERIFICATION_PORT=tcp://10.0.0.1:8090", ""},
		{"JVERIFICATION_PORT_8090_TCP=tcp://10.0.0.1:8090", ""},
		{"JVERIFICATION_PORT_8090_TCP_ADDR=10.0.0.1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.variable, func(t *testing.T) {
			t.Parallel()
			warnings := newEnvironment([]string{"HOME=/", tt.variable}).misspelt()
			if tt.want == "" {
				if len(warnings) > 0 {
					t.Errorf("warnings: %v", warnings)
				}
				return
			}
			if len(warnings) != 1 || !strings.Contains(warnings[0].Error(), tt.want) || strings.Contains(warnings[0].Error(), secret) {
				t.Errorf("warnings: %v, want %q", warnings, tt.want)
			}
		})
	}
}

// TestMisspeltIsTold starts all the same, and says it in the log. Where a wrong
// setting stops the start, the misspelt one may be why.
func TestMisspeltIsTold(t *testing.T) {
	t.Parallel()
	const want = "JVERIFICATION_MASTERSECRET is not a setting"
	env := environment{"JVERIFICATION_MASTERSECRET": secret}
	r := runGateway(t, env, "", "-simulate")
	r.log.Await(t, `("level":"WARN","msg":"`+want+`)`)
	if code, _, stderr := try(t, env); code != exitUsage || !strings.Contains(stderr, "no upstream is set") || !strings.Contains(stderr, want) {
		t.Errorf("exit code %d, stderr = %s", code, stderr)
	}
	if code, _, stderr := try(t, env, "-help"); code != exitOK || stderr != "" {
		t.Errorf("exit code %d, stderr = %s", code, stderr)
	}
}
