// The search service as the field sees it: addresses, deadlines, and the answers it has already seen.

const TIMEOUT_MS = 8000;
const KEPT_ANSWERS = 60;

/** Where this script comes from; known only while it runs. Scripts that were bundled need the attribute `endpoint`. */
const HOME = new URL(".", document.currentScript?.src || location.href).href;

export class Service {
  #kept = new Map();
  #generation = "";

  /** The address of a route below the endpoint; its own path is kept. Parameters without a value are left out. */
  static address(endpoint, route, parameters = {}) {
    const base = new URL(endpoint || HOME, location.href);
    if (!base.pathname.endsWith("/")) base.pathname += "/";
    const address = new URL(route, base);
    for (const [name, value] of Object.entries(parameters)) if (value != null && value !== "") address.searchParams.set(name, value);
    return address.href;
  }

  /** The answer to the same question, if it was asked before. */
  kept(address) { return this.#kept.get(address); }

  /** Keeps an answer as long as its generation is served. */
  keep(address, answer) {
    if (answer.generation !== this.#generation) this.#kept.clear();
    this.#generation = answer.generation;
    this.#kept.set(address, answer);
    if (this.#kept.size > KEPT_ANSWERS) this.#kept.delete(this.#kept.keys().next().value);
  }

  /**
   * The answer, or `{problem, status, seconds}`: `busy`, `offline`, `failed` or `refused` for good, and when to ask again.
   * `request` is an AbortController; null is returned if somebody else aborted it.
   */
  static async get(address, language, request) {
    const late = setTimeout(() => request.abort("late"), TIMEOUT_MS);
    try {
      const response = await fetch(address, { signal: request.signal, headers: { "Accept-Language": language } });
      if (response.ok) return await response.json();
      return { problem: problemOf(response.status), status: response.status, seconds: Number(response.headers.get("Retry-After")) || 0 };
    } catch {
      if (request.signal.aborted && request.signal.reason !== "late") return null;
      return { problem: navigator.onLine ? "failed" : "offline", status: 0, seconds: 0 };
    } finally {
      clearTimeout(late);
    }
  }
}

function problemOf(status) {
  if (status === 429 || status === 503) return "busy";
  return status >= 400 && status < 500 && status !== 408 && status !== 410 ? "refused" : "failed";
}
