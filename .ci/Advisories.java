import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Looks for published advisories about the libraries that Scopegate ships:
 *
 * <pre>java .ci/Advisories.java LIST ALLOWED</pre>
 *
 * LIST is what {@code mvn dependency:list} wrote, ALLOWED the accepted advisories. The database is
 * OSV, or what speaks its <a href="https://google.github.io/osv.dev/post-v1-querybatch/">API</a> at
 * the URL in SCOPEGATE_ADVISORIES_URL. Exit codes: 0 nothing found, 1 something found, 2 the check
 * itself is wrong, 75 the database cannot be reached.
 */
final class Advisories {
  private static final String DATABASE = "https://api.osv.dev";
  private static final int FOUND = 1;
  private static final int BROKEN = 2;
  private static final int UNREACHABLE = 75;
  private static final Pattern LISTED =
      Pattern.compile("\\s+([^:\\s]+):([^:]+):jar:(?:[^:]+:)?([^:]+):(?:compile|runtime)\\b.*");

  private final Database database;
  private final Map<String, Accepted> accepted;
  private final LocalDate today;
  private final PrintStream out;

  private Advisories(
      Database database, Map<String, Accepted> accepted, LocalDate today, PrintStream out) {
    this.database = database;
    this.accepted = accepted;
    this.today = today;
    this.out = out;
  }

  public static void main(String[] arguments) throws InterruptedException {
    if (arguments.length != 2) {
      System.err.println("usage: java .ci/Advisories.java LIST ALLOWED");
      System.exit(BROKEN);
    }
    String url = System.getenv().getOrDefault("SCOPEGATE_ADVISORIES_URL", DATABASE);
    System.exit(run(url, Path.of(arguments[0]), Path.of(arguments[1]), System.out));
  }

  /** Does what the command does, and returns its exit code. */
  static int run(String url, Path list, Path allowed, PrintStream out)
      throws InterruptedException {
    try {
      List<Library> libraries = libraries(list);
      Map<String, Accepted> accepted = accepted(allowed);
      return new Advisories(new Database(url), accepted, LocalDate.now(), out).check(libraries);
    } catch (Unreachable e) {
      out.println("skipped: the database cannot be reached: " + e.getMessage());
      return UNREACHABLE;
    } catch (IOException | RuntimeException e) {
      out.println("the check could not be made: " + e);
      return BROKEN;
    }
  }

  private int check(List<Library> libraries) throws IOException, InterruptedException {
    Map<Library, Set<String>> found = database.advisories(libraries);
    Set<String> used = new HashSet<>();
    int open = 0;
    for (Map.Entry<Library, Set<String>> entry : found.entrySet()) {
      for (String id : entry.getValue()) {
        Advisory advisory = database.advisory(id);
        if (!advisory.withdrawn() && !isAccepted(entry.getKey(), advisory, used)) {
          open++;
          say(entry.getKey(), advisory);
        }
      }
    }
    accepted.values().stream()
        .filter(entry -> !used.contains(entry.id()))
        .forEach(entry -> out.println("no longer needed: " + entry.id() + " (remove the line)"));
    out.printf("%d libraries, %d open advisories%n", libraries.size(), open);
    return open == 0 ? 0 : FOUND;
  }

  private boolean isAccepted(Library library, Advisory advisory, Set<String> used) {
    for (String name : advisory.names()) {
      Accepted entry = accepted.get(name);
      if (entry != null) {
        used.add(name);
        boolean holds = !today.isAfter(entry.until());
        out.printf(
            "%s %s: %s until %s: %s%n",
            library.name(), name, holds ? "accepted" : "was accepted", entry.until(), entry.why());
        return holds;
      }
    }
    return false;
  }

  private void say(Library library, Advisory advisory) {
    out.printf(
        "%s %s: %s: %s%n",
        library.name(), library.version(), String.join(", ", advisory.names()), advisory.summary());
    Set<String> fixed = advisory.fixedIn(library);
    out.printf(
        "    %s%n",
        fixed.isEmpty() ? "no fixed version is named" : "fixed in " + String.join(", ", fixed));
  }

  private static List<Library> libraries(Path list) throws IOException {
    try (Stream<String> lines = Files.lines(list)) {
      List<Library> libraries =
          lines
              .map(LISTED::matcher)
              .filter(Matcher::matches)
              .filter(line -> !line.group(1).equals("io.scopegate"))
              .map(line -> new Library(line.group(1) + ":" + line.group(2), line.group(3)))
              .distinct()
              .toList();
      if (libraries.isEmpty()) {
        throw new IOException(list + ": no libraries in it (expected: output of dependency:list)");
      }
      return libraries;
    }
  }

  /** Lines of: an id, the last day on which it is accepted, why. */
  private static Map<String, Accepted> accepted(Path file) throws IOException {
    Map<String, Accepted> accepted = new LinkedHashMap<>();
    int number = 0;
    for (String line : Files.readAllLines(file)) {
      number++;
      if (!line.isBlank() && !line.startsWith("#")) {
        Accepted entry = accepted(file + ":" + number, line.strip().split("\\s+", 3));
        accepted.put(entry.id(), entry);
      }
    }
    return accepted;
  }

  private static Accepted accepted(String where, String[] words) throws IOException {
    try {
      if (words.length == 3) {
        return new Accepted(words[0], LocalDate.parse(words[1]), words[2]);
      }
    } catch (DateTimeParseException e) {
      throw new IOException(where + ": " + words[1] + " (expected: a date, 2027-01-31)", e);
    }
    throw new IOException(where + ": too short (expected: GHSA-0000-0000-0000 2027-01-31 the reason)");
  }

  private record Library(String name, String version) {}

  private record Accepted(String id, LocalDate until, String why) {}

  /** The database cannot be reached, or does not answer requests now. */
  private static final class Unreachable extends IOException {
    private static final long serialVersionUID = 1;

    Unreachable(String message) {
      super(message);
    }
  }

  /** What the database says about one advisory. */
  private record Advisory(Map<?, ?> json) {
    boolean withdrawn() {
      return json.containsKey("withdrawn");
    }

    /** The id and its aliases. */
    Set<String> names() {
      Set<String> names = new TreeSet<>();
      names.add(text(json, "id"));
      for (Object alias : list(json, "aliases")) {
        names.add(alias.toString());
      }
      return names;
    }

    String summary() {
      String summary = text(json, "summary");
      return summary.isEmpty() ? "https://osv.dev/vulnerability/" + text(json, "id") : summary;
    }

    Set<String> fixedIn(Library library) {
      Set<String> versions = new TreeSet<>();
      for (Object affected : list(json, "affected")) {
        if (affected instanceof Map<?, ?> one
            && one.get("package") instanceof Map<?, ?> named
            && library.name().equals(named.get("name"))) {
          list(one, "ranges").forEach(range -> addFixed(range, versions));
        }
      }
      return versions;
    }

    private static void addFixed(Object range, Set<String> versions) {
      for (Object event : range instanceof Map<?, ?> map ? list(map, "events") : List.of()) {
        if (event instanceof Map<?, ?> map && map.get("fixed") instanceof String version) {
          versions.add(version);
        }
      }
    }
  }

  private static String text(Map<?, ?> json, String name) {
    return json.get(name) instanceof String text ? text : "";
  }

  private static List<?> list(Map<?, ?> json, String name) {
    return json.get(name) instanceof List<?> list ? list : List.of();
  }

  /** OSV's API. */
  private static final class Database {
    private static final int BATCH = 500;

    private final String url;
    private final Map<String, Advisory> known = new TreeMap<>();
    private final HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    Database(String url) {
      this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    }

    /** The ids of each library's advisories; libraries without any are left out. */
    Map<Library, Set<String>> advisories(List<Library> libraries)
        throws IOException, InterruptedException {
      Map<Library, Set<String>> found = new LinkedHashMap<>();
      List<Query> open = new ArrayList<>();
      libraries.forEach(library -> open.add(new Query(library, "")));
      while (!open.isEmpty()) {
        List<Query> batch = open.subList(0, Math.min(BATCH, open.size()));
        List<Query> asked = List.copyOf(batch);
        batch.clear();
        open.addAll(ask(asked, found));
      }
      return found;
    }

    /** Asks one batch, and returns the queries whose answers go on. */
    private List<Query> ask(List<Query> batch, Map<Library, Set<String>> found)
        throws IOException, InterruptedException {
      String queries = String.join(",", batch.stream().map(Query::json).toList());
      List<?> results =
          list(send(post("/v1/querybatch", "{\"queries\":[" + queries + "]}")), "results");
      if (results.size() != batch.size()) {
        throw new IOException(
            url + ": " + results.size() + " results for " + batch.size() + " queries");
      }
      List<Query> more = new ArrayList<>();
      for (int i = 0; i < results.size(); i++) {
        Library library = batch.get(i).library();
        Map<?, ?> result = results.get(i) instanceof Map<?, ?> map ? map : Map.of();
        for (Object advisory : list(result, "vulns")) {
          String id = advisory instanceof Map<?, ?> map ? text(map, "id") : "";
          found.computeIfAbsent(library, none -> new TreeSet<>()).add(id);
        }
        if (!text(result, "next_page_token").isEmpty()) {
          more.add(new Query(library, text(result, "next_page_token")));
        }
      }
      return more;
    }

    Advisory advisory(String id) throws IOException, InterruptedException {
      Advisory advisory = known.get(id);
      if (advisory == null) {
        advisory = new Advisory(send(request("/v1/vulns/" + id).GET()));
        if (advisory.names().contains("")) {
          throw new IOException(url + "/v1/vulns/" + id + ": no advisory in the answer");
        }
        known.put(id, advisory);
      }
      return advisory;
    }

    private HttpRequest.Builder post(String path, String json) {
      return request(path)
          .header("content-type", "application/json")
          .POST(BodyPublishers.ofString(json));
    }

    private HttpRequest.Builder request(String path) {
      return HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(30));
    }

    private Map<?, ?> send(HttpRequest.Builder builder) throws IOException, InterruptedException {
      HttpRequest request = builder.build();
      int status;
      String body;
      try {
        var response = client.send(request, BodyHandlers.ofString());
        status = response.statusCode();
        body = response.body();
      } catch (IOException e) {
        throw new Unreachable(request.uri() + ": " + e);
      }
      // not the database's own answer, but that of a proxy in between or of a server out of service
      if (status == 403 || status == 407 || status == 429 || status >= 500) {
        throw new Unreachable(request.uri() + ": status " + status);
      }
      if (status != 200) {
        throw new IOException(request.uri() + ": status " + status);
      }
      if (new Json(body).read() instanceof Map<?, ?> json) {
        return json;
      }
      throw new IOException(request.uri() + ": no JSON object");
    }
  }

  private record Query(Library library, String page) {
    String json() {
      String token = page.isEmpty() ? "" : ",\"page_token\":" + quoted(page);
      return "{\"package\":{\"ecosystem\":\"Maven\",\"name\":%s},\"version\":%s%s}"
          .formatted(quoted(library.name()), quoted(library.version()), token);
    }

    private static String quoted(String text) {
      return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
  }

  /** Reads JSON into maps, lists, texts, numbers, booleans and nulls. The JDK has no reader. */
  private static final class Json {
    private static final Pattern NUMBER =
        Pattern.compile("-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?");
    private static final String ESCAPES = "\"\\/bfnrt";
    private static final String ESCAPED = "\"\\/\b\f\n\r\t";

    private final String text;
    private int at;

    Json(String text) {
      this.text = text;
    }

    Object read() {
      Object value = value();
      if (next() != '\0') {
        throw wrong();
      }
      return value;
    }

    private Object value() {
      return switch (next()) {
        case '{' -> object();
        case '[' -> array();
        case '"' -> string();
        case 't' -> literal("true", true);
        case 'f' -> literal("false", false);
        case 'n' -> literal("null", null);
        default -> number();
      };
    }

    private Map<String, Object> object() {
      Map<String, Object> object = new LinkedHashMap<>();
      take('{');
      while (next() != '}') {
        if (!object.isEmpty()) {
          take(',');
          next();
        }
        String name = string();
        next();
        take(':');
        object.put(name, value());
      }
      take('}');
      return object;
    }

    private List<Object> array() {
      List<Object> array = new ArrayList<>();
      take('[');
      while (next() != ']') {
        if (!array.isEmpty()) {
          take(',');
        }
        array.add(value());
      }
      take(']');
      return array;
    }

    private String string() {
      StringBuilder string = new StringBuilder();
      take('"');
      while (at < text.length() && text.charAt(at) != '"') {
        char c = text.charAt(at++);
        string.append(c == '\\' ? escape() : c);
      }
      take('"');
      return string.toString();
    }

    private char escape() {
      char c = at < text.length() ? text.charAt(at++) : '\0';
      if (c == 'u' && at + 4 <= text.length()) {
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 4, at), 16);
      }
      int index = ESCAPES.indexOf(c);
      if (index < 0) {
        throw wrong();
      }
      return ESCAPED.charAt(index);
    }

    private Object number() {
      Matcher number = NUMBER.matcher(text).region(at, text.length());
      if (!number.lookingAt()) {
        throw wrong();
      }
      at = number.end();
      return Double.valueOf(number.group());
    }

    private Object literal(String word, Object value) {
      if (!text.startsWith(word, at)) {
        throw wrong();
      }
      at += word.length();
      return value;
    }

    private void take(char expected) {
      if (at >= text.length() || text.charAt(at) != expected) {
        throw wrong();
      }
      at++;
    }

    /** The next character that is no white space; 0 at the end. */
    private char next() {
      while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      return at < text.length() ? text.charAt(at) : '\0';
    }

    private UncheckedIOException wrong() {
      return new UncheckedIOException(new IOException("not JSON at character " + at));
    }
  }
}
