package importer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/width"
)

// role is what a column is used for. The roles of user messages end with their
// language: "user_messages.en".
type role string

const (
	roleCode        role = "code"
	roleName        role = "name"
	roleDescription role = "description"
	roleNotes       role = "notes"
	roleGRPC        role = "grpc_code"
	roleHTTP        role = "http"
	roleFault       role = "fault"
	roleRetry       role = "retry"
	roleResolution  role = "resolution"
	messagesPrefix       = "user_messages."
)

type headingNames struct {
	role  role
	names []string
}

// headings lists the names of columns, in the form of [heading]. A name that is
// in several lists means the first of these roles that is free and fits the
// cells. Among the names of codes, earlier ones are preferred.
var headings = []headingNames{
	{roleCode, []string{
		"code", "error code", "err code", "errcode", "errorcode", "response code", "result code", "return code", "ret code", "retcode",
		"错误码", "返回码", "响应码", "状态码", "结果码", "错误代码", "错误编码", "代码", "编码", "錯誤碼", "代碼", "エラーコード", "コード", "오류 코드", "코드",
		"fehlercode", "código", "código de error", "codigo", "code d erreur", "number", "error number", "errno", "编号", "序号",
		"code number", "code value", "value", "status code", "status", "no", "nr", "id", "key",
	}},
	{roleGRPC, []string{"grpc code", "grpc status", "grpc status code", "grpc", "canonical code", "google rpc code", "rpc code", "code", "status"}},
	{roleHTTP, []string{"http", "http status", "http code", "http status code", "http 状态码", "http状态码", "status code", "status", "状态码"}},
	{roleName, []string{
		"name", "enum", "enum name", "constant", "symbol", "symbolic name", "identifier", "error name", "code name", "error type", "type",
		"名称", "枚举", "常量", "标识", "标识符", "错误名称", "名前", "이름", "nombre", "nom", "code", "reason", "key", "id", "error",
	}},
	{roleDescription, []string{
		"description", "desc", "message", "msg", "error message", "errmsg", "error", "meaning", "text", "title", "summary", "content",
		"描述", "错误描述", "错误信息", "错误消息", "返回信息", "信息", "含义", "消息", "内容", "说明", "錯誤訊息", "描述信息", "説明", "メッセージ", "설명", "메시지",
		"beschreibung", "meldung", "descripción", "mensaje", "libellé", "name", "error description",
	}},
	{roleNotes, []string{
		"notes", "note", "remark", "remarks", "comment", "comments", "explanation", "reason", "cause", "details", "detail",
		"备注", "原因", "解释", "注释", "说明", "详细说明", "错误原因", "备注说明", "備考", "비고", "hinweis", "notas", "remarques",
		"description", "error description", "描述", "message", "error message",
	}},
	{roleFault, []string{"fault", "who must act", "responsible", "responsible party", "责任方"}},
	{roleRetry, []string{"retry", "retry action", "retryable", "retriable", "can retry", "重试", "是否可重试"}},
	{roleResolution, []string{
		"resolution", "solution", "solutions", "action", "recommended action", "remedy", "how to fix", "fix", "what to do", "suggestion",
		"解决方案", "解决办法", "解决方法", "处理建议", "处理方式", "处理方法", "建议", "対処", "対処方法", "조치", "lösung", "solución",
	}},
}

// messageLanguages are the languages that a heading may name without the words
// "user message". Other tags are words too, such as "no" and "id".
var messageLanguages = []string{"en", "zh", "ja", "ko", "de", "fr", "es", "pt", "ru", "ar", "vi", "th", "tr", "pl", "nl", "hi", "uk", "cs", "sv"}

// heading returns a name of a column in lower case, with single spaces for
// everything but letters and digits.
func heading(cell string) string {
	words := strings.FieldsFunc(strings.ToLower(width.Fold.String(cell)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	return strings.Join(words, " ")
}

// headingRoles returns the roles that a heading can have, and its rank among
// the names of codes.
func headingRoles(cell string) (roles []role, rank int) {
	name := heading(cell)
	for _, h := range headings {
		if i := slices.Index(h.names, name); i >= 0 {
			roles = append(roles, h.role)
			if h.role == roleCode {
				rank = i
			}
		}
	}
	if len(roles) == 0 {
		if tag := messageLanguage(cell); tag != "" {
			roles = append(roles, messagesPrefix+role(tag))
		}
	}
	return roles, rank
}

// messageLanguage returns the language of a column of user messages, such as
// "zh-CN", "user message (en)" and "user_messages.en".
func messageLanguage(cell string) string {
	name := strings.TrimSpace(strings.ToLower(width.Fold.String(cell)))
	bare := name
	for _, prefix := range []string{"user_messages", "user_message", "user messages", "user message", "messages", "message", "用户提示", "提示"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			bare = strings.Trim(rest, " .()[]_:-")
			break
		}
	}
	tag, err := language.Parse(bare)
	if err != nil || tag.IsRoot() {
		return ""
	}
	base, _ := tag.Base()
	if bare == name && !slices.Contains(messageLanguages, base.String()) {
		return ""
	}
	return tag.String()
}

// assign finds the columns by their headings.
func assign(header []string, rows []row) []role {
	roles := make([]role, len(header))
	best := -1
	for i, cell := range header {
		candidates, rank := headingRoles(cell)
		if slices.Contains(candidates, roleCode) && fits(roleCode, rows, i) {
			if _, bestRank := headingRoles(header[max(best, 0)]); best < 0 || rank < bestRank {
				best = i
			}
		}
	}
	if best >= 0 {
		roles[best] = roleCode
	}
	for i, cell := range header {
		candidates, _ := headingRoles(cell)
		for _, candidate := range candidates {
			if roles[i] == "" && candidate != roleCode && !slices.Contains(roles, candidate) && fits(candidate, rows, i) {
				roles[i] = candidate
			}
		}
	}
	return roles
}

// fits reports whether the cells of a column can have a role. It looks at the
// first rows.
func fits(r role, rows []row, column int) bool {
	const sample = 200
	filled, fitting, distinct := 0, 0, map[string]bool{}
	for _, row := range rows[:min(len(rows), sample)] {
		cell := row.cell(column)
		if cell == "" {
			continue
		}
		filled++
		if cellFits(r, cell) {
			fitting++
			distinct[cell] = true
		}
	}
	if r == roleName && 2*len(distinct) < fitting {
		return false // a kind of codes, such as "client error"
	}
	return fitting > 0 && 2*fitting >= filled
}

func cellFits(r role, cell string) bool {
	switch r {
	case roleCode:
		_, err := number(cell)
		return err == nil || errors.Is(err, errRange) || errors.Is(err, errTooBig)
	case roleHTTP:
		n, err := strconv.Atoi(cell)
		return err == nil && n >= 100 && n < 600
	case roleGRPC:
		_, ok := grpcCode(cell)
		return ok
	case roleName:
		return identifierRule().MatchString(cell)
	default:
		return true
	}
}

// guessColumns finds the columns of rows without a header: the first column of
// numbers, and the first two columns of text after it.
func guessColumns(rows []row) []role {
	width := 0
	for _, row := range rows {
		width = max(width, len(row.cells))
	}
	roles := make([]role, width)
	texts := []role{roleDescription, roleNotes}
	for i := range width {
		switch {
		case !slices.Contains(roles, roleCode):
			if fits(roleCode, rows, i) {
				roles[i] = roleCode
			}
		case len(texts) > 0 && !fits(roleCode, rows, i) && fits(texts[0], rows, i):
			roles[i], texts = texts[0], texts[1:]
		}
	}
	return roles
}

// Columns names the column of each role, by its number from 1 or its heading.
type Columns map[role]string

// ParseColumns reads "code=1,description=2,notes=Remark,en=5".
func ParseColumns(list []string) (Columns, error) {
	columns := Columns{}
	for _, item := range list {
		key, column, ok := strings.Cut(item, "=")
		r := role(strings.TrimSpace(key))
		if tag := messageLanguage(key); tag != "" {
			r = messagesPrefix + role(tag)
		} else if !slices.ContainsFunc(headings, func(h headingNames) bool { return h.role == r }) {
			return nil, fmt.Errorf("column %q: want code, name, description, notes, grpc_code, http, fault, retry, resolution or a language", key)
		}
		if column = strings.TrimSpace(column); !ok || column == "" || columns[r] != "" {
			return nil, fmt.Errorf("column %q: want %s=NUMBER or %s=HEADING, once", item, r, r)
		}
		columns[r] = column
	}
	if len(columns) > 0 && columns[roleCode] == "" {
		return nil, errors.New("no column is named for the code: add code=NUMBER")
	}
	return columns, nil
}

// assign returns the roles of the columns of a table. It returns false if the
// table lacks a column that is named.
func (c Columns) assign(header []string, width int) ([]role, bool) {
	roles := make([]role, max(width, len(header)))
	for r, column := range c {
		i, err := strconv.Atoi(column)
		i--
		if err != nil {
			i = slices.IndexFunc(header, func(cell string) bool { return heading(cell) == heading(column) })
		}
		if i < 0 || i >= len(roles) || roles[i] != "" {
			return nil, false
		}
		roles[i] = r
	}
	return roles, true
}
