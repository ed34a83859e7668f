// The service's JSON, with the login's cookie.

const csrf = document.body.dataset.csrf || "";

/** What went wrong, in words for people. */
export class Fault extends Error {
  constructor(message, remedy, status) {
    super(message);
    this.remedy = remedy;
    this.status = status;
  }
}

export async function ask(url, method = "GET", body = undefined) {
  let answer;
  try {
    answer = await fetch(url, {
      method,
      headers: { Accept: "application/json", "X-CSRF-Token": csrf, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Fault("连不上服务", "请检查网络后再试", 0);
  }
  const content = await answer.json().catch(() => null);
  if (answer.ok && content !== null) return content;
  if (answer.status === 401) throw new Fault("登录已过期", "请重新登录", 401);
  const error = (content && content.error) || {};
  throw new Fault(error.message || "操作没有成功", error.remedy || "请刷新页面后再试", answer.status);
}
