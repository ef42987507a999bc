//! HTML that outside text cannot break.

/// A growing document. Markup must be part of the program; everything else is escaped.
#[derive(Debug, Default)]
pub(crate) struct Html {
    text: String,
}

impl Html {
    /// Appends markup.
    pub(crate) fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.text.push_str(markup);
        self
    }

    /// Appends text, for between tags and within quoted attributes.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\'' => self.text.push_str("&#39;"),
                _ => self.text.push(c),
            }
        }
        self
    }

    /// Appends a name from the tree: its writing direction ends where it ends.
    pub(crate) fn name(&mut self, name: &str) -> &mut Self {
        self.markup("<bdi>").text(name).markup("</bdi>")
    }

    /// Appends a link around a name.
    pub(crate) fn link(&mut self, address: &str, name: &str) -> &mut Self {
        self.markup("<a href=\"").text(address).markup("\">").name(name).markup("</a>")
    }

    /// The document.
    pub(crate) fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        let mut html = Html::default();
        html.markup("<p title=\"").text("\"onclick='x'").markup("\">").name("<b>&\u{202e}");
        assert_eq!(html.finish(), "<p title=\"&quot;onclick=&#39;x&#39;\"><bdi>&lt;b&gt;&amp;\u{202e}</bdi>");
    }
}
