import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A client of orgsearch on the JDK alone, 17 or newer: java OrgSearch.java ADDRESS QUERY. */
public final class OrgSearch {
    private static final Duration TIMEOUT = Duration.ofSeconds(8);

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
    private final String address;

    public OrgSearch(String address) {
        this.address = address.replaceAll("/+$", "");
    }

    public record Org(String id, String name, String status, long childrenCount) {
        static Org of(Map<String, Object> json) {
            Object count = json.getOrDefault("children_count", 0.0);
            return new Org((String) json.get("id"), (String) json.get("name"), (String) json.get("status"), ((Double) count).longValue());
        }
    }

    public record Guide(String paste, List<String> steps) {}

    /** A problem document: `code` is stable, the message is for people. */
    public static final class Problem extends IOException {
        public final int status;
        public final String code;

        Problem(int status, String code, String detail) {
            super(detail);
            this.status = status;
            this.code = code;
        }
    }

    /** The best organizations for what somebody typed. */
    public List<Org> search(String query, int limit) throws IOException, InterruptedException {
        return objects(get("/v1/search?limit=" + limit + "&q=" + encoded(query)), "hits").map(Org::of).toList();
    }

    public Org org(String id) throws IOException, InterruptedException {
        return Org.of(get("/v1/orgs/" + encoded(id)));
    }

    /** All organizations directly below one, page by page. */
    public List<Org> children(String id) throws IOException, InterruptedException {
        List<Org> found = new ArrayList<>();
        String cursor = null;
        do {
            String page = cursor == null ? "" : "&cursor=" + encoded(cursor);
            Map<String, Object> answer = get("/v1/orgs/" + encoded(id) + "/children?limit=20" + page);
            objects(answer, "children").map(Org::of).forEach(found::add);
            cursor = (String) answer.get("next_cursor");
        } while (cursor != null);
        return found;
    }

    /** How a member of the system `from` moves to an organization. */
    public Guide transferGuide(String id, String from) throws IOException, InterruptedException {
        Map<String, Object> answer = get("/v1/orgs/" + encoded(id) + "/transfer-guide?from=" + encoded(from));
        List<String> steps = objects(answer, "steps").map(step -> (String) step.get("text")).toList();
        return new Guide((String) answer.get("paste"), steps);
    }

    /** Why a submitted organization is not taken; null if it is. */
    public String refusal(String id, String name) throws IOException, InterruptedException {
        try {
            Org org = org(id);
            if (!"active".equals(org.status())) return "not_active";
            return org.name().equals(name) ? null : "name_differs";
        } catch (Problem problem) {
            if (problem.status == 404) return problem.code;
            throw problem;
        }
    }

    private Map<String, Object> get(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + path)).timeout(TIMEOUT).header("Accept-Language", "zh-CN").build();
        var response = http.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
        Map<String, Object> answer = Json.object(new Json(response.body()).read());
        if (response.statusCode() == 200) return answer;
        throw new Problem(response.statusCode(), (String) answer.get("code"), (String) answer.get("detail"));
    }

    private static Stream<Map<String, Object>> objects(Map<String, Object> answer, String name) {
        return ((List<?>) answer.get(name)).stream().map(Json::object);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Reads JSON into maps, lists, texts, doubles, booleans and nulls. Use your own library if you have one. */
    private static final class Json {
        private static final int MAX_DEPTH = 64;

        private final String text;
        private int at;
        private int depth;

        Json(String text) {
            this.text = text;
        }

        @SuppressWarnings("unchecked")
        static Map<String, Object> object(Object value) {
            return (Map<String, Object>) value;
        }

        Object read() throws IOException {
            Object value = value();
            skipSpace();
            if (at != text.length()) throw broken();
            return value;
        }

        private Object value() throws IOException {
            if (++depth > MAX_DEPTH) throw broken();
            try {
                skipSpace();
                return switch (peek()) {
                    case '{' -> object();
                    case '[' -> list();
                    case '"' -> string();
                    case 't' -> word("true", true);
                    case 'f' -> word("false", false);
                    case 'n' -> word("null", null);
                    default -> number();
                };
            } finally {
                depth--;
            }
        }

        private Map<String, Object> object() throws IOException {
            Map<String, Object> found = new LinkedHashMap<>();
            expect('{');
            if (skip('}')) return found;
            do {
                skipSpace();
                String name = string();
                expect(':');
                found.put(name, value());
            } while (skip(','));
            expect('}');
            return found;
        }

        private List<Object> list() throws IOException {
            List<Object> found = new ArrayList<>();
            expect('[');
            if (skip(']')) return found;
            do found.add(value());
            while (skip(','));
            expect(']');
            return found;
        }

        private String string() throws IOException {
            StringBuilder found = new StringBuilder();
            if (next() != '"') throw broken();
            for (char each = next(); each != '"'; each = next()) found.append(each == '\\' ? escaped() : each);
            return found.toString();
        }

        private char escaped() throws IOException {
            char each = next();
            return switch (each) {
                case 'n' -> '\n';
                case 't' -> '\t';
                case 'r' -> '\r';
                case 'b' -> '\b';
                case 'f' -> '\f';
                case 'u' -> hexadecimal();
                case '"', '\\', '/' -> each;
                default -> throw broken();
            };
        }

        private char hexadecimal() throws IOException {
            int code = 0;
            for (int i = 0; i < 4; i++) {
                int digit = Character.digit(next(), 16);
                if (digit < 0) throw broken();
                code = code * 16 + digit;
            }
            return (char) code;
        }

        private Double number() throws IOException {
            int from = at;
            while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) at++;
            try {
                return Double.valueOf(text.substring(from, at));
            } catch (NumberFormatException error) {
                throw broken();
            }
        }

        private <T> T word(String word, T value) throws IOException {
            if (!text.startsWith(word, at)) throw broken();
            at += word.length();
            return value;
        }

        private void skipSpace() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
        }

        private boolean skip(char wanted) throws IOException {
            skipSpace();
            if (peek() != wanted) return false;
            at++;
            return true;
        }

        private void expect(char wanted) throws IOException {
            if (!skip(wanted)) throw broken();
        }

        private char peek() throws IOException {
            if (at >= text.length()) throw broken();
            return text.charAt(at);
        }

        private char next() throws IOException {
            char each = peek();
            at++;
            return each;
        }

        private IOException broken() {
            return new IOException("the answer is not JSON, at character " + at);
        }
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        OrgSearch service = new OrgSearch(arguments[0]);
        Org hit = service.search(arguments[1], 1).get(0);
        out.println("found " + hit.id() + " " + hit.name());

        Org org = service.org(hit.id());
        out.println("organization " + org.status() + " " + org.childrenCount());
        out.println("children " + service.children(hit.id()).size());
        Guide guide = service.transferGuide(hit.id(), "zhtj");
        out.println("guide " + guide.paste() + " " + guide.steps().size());

        for (String[] submitted : new String[][] {{hit.id(), hit.name()}, {hit.id(), "another name"}, {"no-such-id", hit.name()}}) {
            String refusal = service.refusal(submitted[0], submitted[1]);
            out.println("submitted " + (refusal == null ? "accepted" : refusal));
        }
    }
}
