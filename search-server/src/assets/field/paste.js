// A whole notice or message is cut into the pieces that may name an organization.

/** What ends a sentence, or stands between two statements of a notice. */
const ENDS = /[\r\n。！？!?；;，,、：:|\t“”"「」『』]+/u;
/** Characters that names of organizations are made of; pieces with many of them are asked first. */
const TELLING = /[团支委校院系班级社区村镇乡街厂司局队]/gu;
const MOST_PIECES = 5;
const SHORTEST = 2;

export const length = (text) => [...text].length;

/** Whether a text holds more than one statement. */
export const isNotice = (text, limit) => length(text) > limit || /[\r\n。！？!?；;]./u.test(text.trim());

/** At most five pieces of at most `limit` characters, the most promising first. */
export function pieces(text, limit) {
  const cut = text.split(ENDS).map((piece) => piece.trim()).filter((piece) => length(piece) >= SHORTEST);
  const distinct = [...new Set(cut.map((piece) => [...piece].slice(0, limit).join("")))];
  // A greeting or a date names nothing.
  const weight = (piece) => (piece.match(TELLING) || []).length;
  const telling = distinct.filter((piece) => weight(piece) > 0);
  return (telling.length ? telling : distinct).sort((a, b) => weight(b) - weight(a)).slice(0, MOST_PIECES);
}
