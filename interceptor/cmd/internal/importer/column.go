package importer

import (
	"cmp"
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

// Columns lists the names of the columns of each role, in the form of [heading].
// Each role in turn takes the free column with the first of its names.
type Columns []columnNames

type columnNames struct {
	role  role
	names []string
}

// headings are the columns that are found if the cells fit their role.
var headings = Columns{
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
		"message", "msg", "error message", "errmsg", "description", "desc", "error", "meaning", "text", "title", "summary", "content",
		"错误信息", "错误消息", "返回信息", "描述", "错误描述", "信息", "含义", "消息", "内容", "说明", "錯誤訊息", "描述信息", "説明", "メッセージ", "설명", "메시지",
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
var messageLanguages = strings.Fields("en zh ja ko de fr es pt ru ar vi th tr pl nl hi uk cs sv")

// messageRule matches the words before the language of a user message.
var messageRule = lazy(`^(?:user[_ ])?messages?|^(?:用户)?提示`)

// heading returns a name of a column in lower case, with single spaces for
// everything but letters and digits.
func heading(cell string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(width.Fold.String(cell)), notWord), " ")
}

func notWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// messageRole returns the role of a column of user messages, such as "zh-CN",
// "user message (en)" and "user_messages.en", or "".
func messageRole(cell string) role {
	name := strings.TrimSpace(strings.ToLower(width.Fold.String(cell)))
	words := messageRule().FindString(name)
	tag, err := language.Parse(strings.Trim(name[len(words):], " .()[]_:-"))
	if err != nil || tag.IsRoot() {
		return ""
	}
	if base, _ := tag.Base(); !strings.HasPrefix(words, "user") && !slices.Contains(messageLanguages, base.String()) {
		return ""
	}
	return messagesPrefix + role(tag.String())
}

// ParseColumns reads "code=1,description=2,notes=Remark,en=5".
func ParseColumns(list []string) (columns Columns, err error) {
	has := func(columns Columns, r role) bool {
		return slices.ContainsFunc(columns, func(c columnNames) bool { return c.role == r })
	}
	for _, item := range list {
		key, column, _ := strings.Cut(item, "=")
		r := cmp.Or(messageRole(key), role(strings.TrimSpace(key)))
		if !has(headings, r) && messageRole(key) == "" {
			return nil, fmt.Errorf("column %q: want code, name, description, notes, grpc_code, http, fault, retry, resolution or a language", key)
		}
		if column = heading(column); column == "" || has(columns, r) {
			return nil, fmt.Errorf("column %q: want %s=NUMBER or %s=HEADING, once", item, r, r)
		}
		columns = append(columns, columnNames{r, []string{column}})
	}
	if len(columns) > 0 && !has(columns, roleCode) {
		return nil, errors.New("no column is named for the code: add code=NUMBER")
	}
	return columns, nil
}

// roles returns the roles of the columns of a table: those that c names by heading
// or number, or else those that are found. ok is false if the table lacks a column
// that c names.
func (c Columns) roles(header []string, rows []row) (roles []role, ok bool) {
	list, width, named := headings, len(header), c != nil
	if named {
		list = c
		for _, row := range rows {
			width = max(width, len(row.cells))
		}
	}
	roles, names := make([]role, width), make([]string, width)
	for i, cell := range header {
		names[i] = heading(cell)
	}
	ok = true
	for _, column := range list {
		best, rank := -1, len(column.names)
		for i, name := range names {
			at := slices.Index(column.names[:rank], name)
			if named && column.names[0] == strconv.Itoa(i+1) {
				at = 0
			}
			if at >= 0 && roles[i] == "" && (named || fits(column.role, rows, i)) {
				best, rank = i, at
			}
		}
		if best >= 0 {
			roles[best] = column.role
		}
		ok = ok && (best >= 0 || !named)
	}
	for i, cell := range header {
		if r := messageRole(cell); !named && roles[i] == "" && !slices.Contains(roles, r) {
			roles[i] = r
		}
	}
	return roles, ok
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
		return !errors.Is(err, errNoNumber)
	case roleHTTP:
		return httpStatus(cell) > 0
	case roleGRPC:
		_, ok := grpcCode(cell)
		return ok
	case roleName:
		return identifierRule().MatchString(cell)
	default:
		return true
	}
}
