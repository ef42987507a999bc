// What was chosen lately, on this device only.

const KEY = "org-autocomplete:recent";
const MOST = 5;

/** The last choices, newest first. Storage that is full, forbidden or spoilt counts as empty. */
export function recent() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) || "[]");
    return Array.isArray(kept) ? kept.filter((org) => typeof org?.id === "string" && typeof org.name === "string" && Array.isArray(org.path)).slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export function remember({ id, name, short_name, display, path, kind }) {
  const others = recent().filter((org) => org.id !== id);
  write([{ id, name, short_name, display, path, kind }, ...others].slice(0, MOST));
}

export function forgetAll() { write([]); }

function write(orgs) {
  try {
    if (orgs.length) localStorage.setItem(KEY, JSON.stringify(orgs));
    else localStorage.removeItem(KEY);
  } catch { /* without storage nothing is remembered */ }
}
