/**
 * What the tables say in English alone, in Chinese: the meaning of each code and
 * what to do about it, by reason.
 */
export const codesInChinese: Readonly<Record<string, readonly [string, string]>> = {
  SUCCESS: [
    "请求成功",
    "继续即可：请求成功。对于风险查询，调用方读取分数（0 至 900，越高风险越大）和标签。",
  ],
  INVALID_PARAMETERS: [
    "参数无效或不合法",
    "调用方更正请求后再查询：`phone` 为数字号码；`ip` 如有设置，应为终端用户的地址。",
  ],
  AUTH_FAILED: [
    "鉴权失败",
    "运营方将服务的 AppKey 和 masterSecret 与极光控制台中该应用的值核对，并更正服务的配置。",
  ],
  NO_PERMISSION: [
    "权限不足：服务未开通或已过期",
    "运营方在极光控制台检查该 AppKey 的风险查询是否已开通且未过期，并予以开通或续期。",
  ],
  QPS_LIMIT: [
    "超出 QPS 限制",
    "调用方在 1 秒后重发相同请求；如持续出现，运营方分散调用时间，或申请提高该 AppKey 的 QPS 上限。",
  ],
  INSUFFICIENT_BALANCE: [
    "余额不足",
    "运营方为极光账户充值；在此之前不会评估风险，缺失的分数不能当作 0。",
  ],
  INTERNAL_ERROR: [
    "服务器内部错误",
    "调用方在 1 秒后重发相同请求；如持续出现，运营方向极光报告，并提供 AppKey、时间，以及应答中的流水号 `id`（如有）。",
  ],
  CAPTCHA_ID_NOT_EXIST: [
    "captcha_id 不存在",
    "运营方在极光控制台查到该应用的 captcha_id，并让应用用它启动人机验证 SDK。",
  ],
  CAPTCHA_ID_NOT_BIND: [
    "captcha_id 未绑定",
    "运营方在极光控制台将 captcha_id 绑定到该应用，或让应用改用已绑定的 captcha_id 启动 SDK。",
  ],
  BEYOND_HOUR_FREQUENCY_LIMIT: [
    "该 AppKey 超出每小时验证次数上限",
    "调用方等到下一小时（Asia/Shanghai）开始，再提交新的人机验证；如反复出现，运营方申请提高该 AppKey 的每小时上限。",
  ],
  RUNTIME_ERROR: [
    "流程异常，未定义的错误",
    "调用方让终端用户重新完成人机验证，不再发送本次内容；如持续出现，运营方向极光报告，并提供 AppKey、时间，以及应答中的流水号 `id`（如有）。",
  ],
  ILLEGAL_RISK_TYPE: [
    "风控模式下 risk_type 不合法",
    "调用方的开发者更正风控模式下生成验证所用的 risk_type，然后提交新的人机验证。",
  ],
  PARAM_DECRYPT_ERROR: [
    "加密参数有误，解密失败",
    "调用方让终端用户重新完成人机验证，并原样传递 SDK 返回的内容：不解码、不截断、不再次编码。",
  ],
  ILLEGAL_VERIFY: [
    "重复验证",
    "调用方让终端用户重新完成人机验证；其开发者查找导致重复发送的重试或重复提交。",
  ],
  JSONP_XSS: [
    "XSS 异常",
    "验证内容包含不允许的字符，调用方结束本次尝试；如大量出现，运营方在来源处排查攻击。",
  ],
  NOT_CAPTCHA_ID: [
    "缺少验证 id",
    "调用方的开发者设置启动人机验证 SDK 所用的 captcha_id：验证内容中没有。",
  ],
  ILLEGAL_CAPTCHA_ID: [
    "验证 id 不合法",
    "当前的 captcha_id 无效：调用方的开发者从极光控制台原样复制 captcha_id，用于启动人机验证 SDK。",
  ],
  NOT_CAPTCHA: [
    "验证 id 不存在",
    "运营方在极光控制台查找 captcha_id，并让应用改用存在的 captcha_id 启动人机验证 SDK。",
  ],
  CAPTCHA_ID_DELETED: [
    "验证 id 已删除",
    "当前的 captcha_id 已被删除：运营方在极光控制台新建一个，并让应用用它启动人机验证 SDK。",
  ],
  NOT_PROOF: [
    "找不到验证流水号，缓存已过期",
    "上游为本次验证保留的数据已过期：终端用户重新完成人机验证，调用方立即提交。",
  ],
  NOT_LOT_NUMBER: [
    "缺少流水号",
    "验证内容中缺少 lot_number（验证的流水号）：调用方的开发者应完整传递验证内容。",
  ],
  ILLEGAL_LOT_NUMBER: [
    "流水号不合法",
    "lot_number（验证的流水号）无效：调用方让终端用户重新完成人机验证，并原样传递内容。",
  ],
  GET_PHONE_SUCCESS: [
    "一键登录获取手机号成功",
    "继续即可：调用方用应用的 RSA 私钥解密手机号（网关已解密时除外），并让终端用户登录。",
  ],
  GET_PHONE_FAIL: [
    "一键登录获取手机号失败",
    "调用方让 SDK 生成新的登录 token 再试一次，之后提供其他登录方式；如持续出现，运营方向极光报告，并提供 AppKey 和时间。",
  ],
  VERIFY_CONSISTENT: ["手机号验证一致", "继续即可：该号码属于生成 token 的手机。"],
  VERIFY_NOT_CONSISTENT: [
    "手机号验证不一致",
    "终端用户检查号码。结果为“不一致”且已计费，因此调用方只能用更正后的号码和新的 token 再次验证；如有争议，运营方将流水号 `id` 提供给极光。",
  ],
  UNKNOWN_RESULT: [
    "未知结果",
    "结果既非一致也非不一致：调用方等待 30 秒后让 SDK 生成新的 token，或以其他方式验证号码。",
  ],
  TOKEN_EXPIRED_OR_NOT_EXIST: [
    "token 已过期或不存在",
    "终端用户重新开始验证；调用方立即发送新的 token，且只发送一次：token 仅可使用一次，可能在 1 分钟后过期（登录 token 为 2 分钟）。",
  ],
  CONFIG_NOT_FOUND: [
    "获取配置失败",
    "运营方在极光控制台检查该 AppKey 的应用是否已配置所调用的服务；如已配置，则向极光报告此响应码，并提供 AppKey 和时间。",
  ],
  VERIFY_INTERVAL_BELOW_MINIMUM: [
    "同一号码的验证间隔过短",
    "终端用户等待 30 秒后再用同一号码尝试，届时由 SDK 生成新的 token；在此之前调用方不提供重试。",
  ],
  NUMBER_FREQUENCY_BEYOND_LIMIT: [
    "该号码超出每日验证次数上限",
    "终端用户以其他方式验证，或在次日（Asia/Shanghai）用新的 token 重新开始；运营方可申请提高单个号码的每日上限（默认 10 次）。",
  ],
  BEYOND_DAILY_FREQUENCY_LIMIT: [
    "该 AppKey 超出每日验证配额",
    "运营方申请提高该 AppKey 的每日配额（默认 500,000 次）；否则在次日（Asia/Shanghai）用新的 token 即可恢复验证。",
  ],
  MISS_AUTH: [
    "缺少鉴权信息",
    "运营方查找在通往极光的途中丢失 Authorization 头的原因，例如代理，或未配置密钥。",
  ],
  VERIFY_AUTH_FAILED: [
    "鉴权失败",
    "运营方将服务的 AppKey 和 masterSecret（开通时为 dev_key 和 dev_secret）与极光控制台核对，并更正服务的配置。",
  ],
  PARAMETER_INVALID: [
    "参数错误",
    "调用方更正 google.rpc.BadRequest 所列的字段；状态中没有时，逐一对照上游文档检查字段，然后发送新的请求。",
  ],
  REQUEST_METHOD_NOT_SUPPORTED: [
    "HTTP 方法错误，请使用 POST",
    "运营方确保调用以 POST 到达极光：途中的重定向或代理可能改变方法。",
  ],
  APPKEY_BLOCKED: [
    "功能被禁用",
    "运营方在极光控制台检查该 AppKey 的哪项功能被禁用，并请极光恢复。",
  ],
  HTTP_MEDIA_TYPE_NOT_SUPPORTED: [
    "请检查 Content-Type 头",
    "运营方确保调用带着 `Content-Type: application/json` 到达极光：途中的代理可能更改或丢弃此头。",
  ],
  APPKEY_NO_MONEY: [
    "账户余额不足",
    "运营方为极光账户充值；在此之前该账户的所有验证和登录都会失败。",
  ],
  APPKEY_NO_QUOTA: [
    "应用配额不足",
    "运营方在极光控制台申请提高该 AppKey 的配额；在此之前该应用的所有验证和登录都会失败。",
  ],
  DECRYPT_TOKEN_FAILED: [
    "token 解密失败，请检查 AppKey",
    "用当前 AppKey 无法解密该 token：运营方确保应用中的 SDK 与服务使用相同的 AppKey。",
  ],
  TOKEN_INVALID: [
    "token 无效，请确认其获取方式正确",
    "调用方让 SDK 生成新的 token，并原样传给对应的方法，注明正确的来源（应用或浏览器）。",
  ],
  ENCRYPT_MOBILE_FAILED: [
    "手机号加密失败，请检查 RSA 公钥",
    "运营方在极光控制台更正应用的 RSA 公钥（与解密号码的私钥配对）；之后调用方需要新的登录 token。",
  ],
  NOT_VALIDATE_USER: ["验证服务未开通", "运营方在极光控制台为该 AppKey 的账户开通验证服务。"],
  BAD_SERVER: [
    "未知的服务器错误",
    "调用方让 SDK 生成新的 token，不再发送本次的 token；如持续出现，运营方向极光报告，并提供 AppKey、时间，以及应答中的流水号 `id`（如有）。",
  ],
  SIGN_ONCE_OPEN_SUCCESS: [
    "一键登录开通成功",
    "继续即可：该应用的一键登录已开通；如请求中有回调地址，极光会在那里通知审核结果。",
  ],
  APPKEY_NOT_EXISTS: [
    "AppKey 不存在",
    "调用方更正 `app_key`：必须是极光控制台中该开发者账号的 AppKey。",
  ],
  SIGN_ONCE_OPENED_ALREADY: [
    "一键登录已开通",
    "无需再次调用，继续即可：该应用的一键登录已经开通。",
  ],
  SIGN_ONCE_OPENED_FAILED: [
    "一键登录开通失败",
    "运营方检查请求中的应用信息（包名、签名、RSA 公钥），并向极光报告失败，提供 AppKey 和时间；在极光答复之前，任何人都不要重复调用。",
  ],

  UNSPECIFIED: ["未给出响应码", "网关从不发送此响应码：运营方将其作为网关的缺陷报告。"],
  OVERLOADED: [
    "进行中的调用过多，本次调用未发往上游",
    "调用方在 1 秒后重发相同请求；如持续出现，运营方增加副本，或调高 max-upstream-calls。",
  ],
  CALLER_LIMIT: [
    "该调用方进行中的调用过多，本次调用未发往上游",
    "调用方等自己的调用结束后再发送；如需要更多并发，运营方调高 max-caller-calls。",
  ],
  UPSTREAM_TIMEOUT: [
    "上游未及时应答，请求可能已生效",
    "token 可能已被使用：调用方用新的 token 重新开始；如持续出现，运营方检查上游调用的耗时，调高 timeout 或向上游报告。",
  ],
  UPSTREAM_UNREACHABLE: [
    "无法连接上游，请求未发送",
    "调用方在 1 秒后重发相同请求；运营方在网关的日志中查找原因（域名、路由、TLS）。",
  ],
  UPSTREAM_NO_ANSWER: [
    "上游没有应答，请求可能已生效",
    "token 可能已被使用：调用方用新的 token 重新开始；运营方在网关的日志中查找原因：连接中断，或代理返回的 HTTP 状态。",
  ],
  UPSTREAM_UNINTELLIGIBLE: [
    "无法读懂上游的应答，请求可能已生效",
    "token 可能已被使用：调用方用新的 token 重新开始；运营方检查 URL 是否为上游 API 的地址，并向上游报告此响应码。",
  ],
  UPSTREAM_REJECTED: [
    "上游仅以 HTTP 状态拒绝了网关，没有响应码",
    "运营方检查上游的 URL 和凭据，以及两者之间的设备：网关的日志中有该 HTTP 状态。",
  ],
  PHONE_NOT_DECRYPTED: ["手机号无法解密", "运营方配置与上游控制台中公钥配对的私钥。"],
  METHOD_NOT_OFFERED: [
    "本网关不提供该方法",
    "调用方不再调用该方法，或由运营方配置开通接口的 URL 和凭据。",
  ],
};
