package io.scopegate.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.scopegate.testkit.ClosedPort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code .ci/Advisories.java} before a database that answers in OSV's form. */
class AdvisoriesIT {
  private static final int NOTHING = 0;
  private static final int FOUND = 1;
  private static final int BROKEN = 2;
  private static final int UNREACHABLE = 75;
  private static final String LIST =
      """

      The following files have been resolved:
         io.scopegate:scopegate-config:jar:0.1.0-SNAPSHOT:compile -- module scopegate.config (auto)
         io.netty:netty-codec-http2:jar:4.2.17.Final:compile -- module io.netty.codec.http2
         io.netty:netty-transport-native-epoll:jar:linux-x86_64:4.2.17.Final:runtime
         com.google.code.gson:gson:jar:2.8.9:runtime -- module com.google.gson
      """;
  private static final String NONE = "{\"results\":[{},{},{}]}";
  private static final String ONE =
      "{\"results\":[{\"vulns\":[{\"id\":\"GHSA-aaaa-bbbb-cccc\",\"modified\":\"2026-11-01\"}]},{},{}]}";
  private static final String ADVISORY =
      """
      {"id": "GHSA-aaaa-bbbb-cccc", "aliases": ["CVE-2026-1"], "severity": [{"score": 7.5e0}],
       "summary": "a bomb \\u2014 \\"HPACK\\"", "affected": [
         {"package": {"ecosystem": "Maven", "name": "io.netty:netty-codec-http2"},
          "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "4.2.18.Final"}]}]},
         {"package": {"ecosystem": "Maven", "name": "io.netty:other"},
          "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "9.9"}]}]}]}
      """;

  @TempDir static Path classes;
  @TempDir Path directory;

  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer database;
  private int status = 200;

  @BeforeAll
  static void compile() {
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-Xlint:all", "-Werror", "-d", classes.toString(), source());
    assertThat(result).isZero();
  }

  private static String source() {
    return Path.of("..", ".ci", "Advisories.java").toString();
  }

  @BeforeEach
  void start() throws IOException {
    database = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    database.createContext("/", this::answer);
    database.start();
    answers.put("/v1/vulns/GHSA-aaaa-bbbb-cccc", ADVISORY);
  }

  @AfterEach
  void stop() {
    database.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    String path = exchange.getRequestURI().getPath();
    String page = path + "#" + (asked.size() - 1);
    byte[] body =
        answers
            .getOrDefault(page, answers.getOrDefault(path, "{}"))
            .getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Test
  void passesWhenNothingIsKnownAboutAnyLibrary() throws Exception {
    answers.put("/v1/querybatch", NONE);

    Result result = check("");

    assertThat(result.code()).isEqualTo(NOTHING);
    assertThat(result.output()).isEqualTo("3 libraries, 0 open advisories\n");
    assertThat(asked)
        .containsExactly(
            "{\"queries\":["
                + query("io.netty:netty-codec-http2", "4.2.17.Final")
                + ","
                + query("io.netty:netty-transport-native-epoll", "4.2.17.Final")
                + ","
                + query("com.google.code.gson:gson", "2.8.9")
                + "]}");
  }

  private static String query(String name, String version) {
    return "{\"package\":{\"ecosystem\":\"Maven\",\"name\":\"%s\"},\"version\":\"%s\"}"
        .formatted(name, version);
  }

  @Test
  void failsWhenALibraryHasAnAdvisoryAndSaysWhereItIsFixed() throws Exception {
    answers.put("/v1/querybatch", ONE);

    Result result = check("");

    assertThat(result.code()).isEqualTo(FOUND);
    assertThat(result.output())
        .contains(
            "io.netty:netty-codec-http2 4.2.17.Final: CVE-2026-1, GHSA-aaaa-bbbb-cccc: a bomb ",
            "\"HPACK\"\n    fixed in 4.2.18.Final\n",
            "3 libraries, 1 open advisories\n");
  }

  @Test
  void readsAnAnswerOfSeveralPages() throws Exception {
    answers.put(
        "/v1/querybatch#0", "{\"results\":[{},{\"vulns\":[],\"next_page_token\":\"t=\"},{}]}");
    answers.put(
        "/v1/querybatch#1", "{\"results\":[{\"vulns\":[{\"id\":\"GHSA-aaaa-bbbb-cccc\"}]}]}");

    Result result = check("");

    assertThat(result.code()).isEqualTo(FOUND);
    assertThat(result.output()).contains("io.netty:netty-transport-native-epoll 4.2.17.Final: CVE");
    assertThat(asked.get(1)).endsWith("\"version\":\"4.2.17.Final\",\"page_token\":\"t=\"}]}");
  }

  @Test
  void letsAnAcceptedAdvisoryPassUntilItsDay() throws Exception {
    answers.put("/v1/querybatch", ONE);

    Result today = check("# accepted\nCVE-2026-1 " + LocalDate.now() + " not on a pipeline\n");
    Result past = check("GHSA-aaaa-bbbb-cccc 2026-01-31 not on a pipeline\n");

    assertThat(today.code()).isEqualTo(NOTHING);
    assertThat(today.output())
        .contains("netty-codec-http2 CVE-2026-1: accepted until ", ": not on a pipeline\n");
    assertThat(past.code()).isEqualTo(FOUND);
    assertThat(past.output()).contains("GHSA-aaaa-bbbb-cccc: was accepted until 2026-01-31");
  }

  @Test
  void namesWhatIsAcceptedForNothing() throws Exception {
    answers.put("/v1/querybatch", NONE);

    Result result = check("CVE-2025-9 2999-12-31 long gone\n");

    assertThat(result.code()).isEqualTo(NOTHING);
    assertThat(result.output()).contains("no longer needed: CVE-2025-9 (remove the line)");
  }

  @Test
  void leavesOutWhatWasWithdrawn() throws Exception {
    answers.put("/v1/querybatch", ONE);
    answers.put(
        "/v1/vulns/GHSA-aaaa-bbbb-cccc",
        "{\"id\":\"GHSA-aaaa-bbbb-cccc\",\"withdrawn\":\"2026-11-02T00:00:00Z\"}");

    assertThat(check("").code()).isEqualTo(NOTHING);
  }

  @Test
  void saysSoWhenTheDatabaseCannotBeReached() throws Exception {
    Result nobody;
    try (ClosedPort port = ClosedPort.any()) {
      nobody = run("http://127.0.0.1:" + port.number(), "", LIST);
    }
    status = 503;
    Result away = check("");

    assertThat(nobody.code()).isEqualTo(UNREACHABLE);
    assertThat(nobody.output()).startsWith("skipped: the database cannot be reached: http://127");
    assertThat(away.code()).isEqualTo(UNREACHABLE);
    assertThat(away.output()).endsWith("/v1/querybatch: status 503\n");
  }

  @Test
  void isBrokenRatherThanPassedWhenItCannotTell() throws Exception {
    for (String answer :
        List.of("<html>", "[]", "{\"results\":[{}]}", "{\"results\":[{},{},{}]} x")) {
      answers.put("/v1/querybatch", answer);
      assertThat(check("").code()).as(answer).isEqualTo(BROKEN);
    }
    answers.put("/v1/querybatch", NONE);

    assertThat(run(url(), "", "no libraries\n").output()).contains("no libraries in it");
    assertThat(check("CVE-2026-1 tomorrow why\n").output()).contains(":1: tomorrow (expected: ");
    assertThat(check("CVE-2026-1 2026-01-01\n").output()).contains(":1: too short (expected: ");
  }

  private Result check(String allowed) throws IOException, ReflectiveOperationException {
    return run(url(), allowed, LIST);
  }

  private String url() {
    return "http://127.0.0.1:" + database.getAddress().getPort() + "/";
  }

  /** In this process: only one test pays for a start of Java. */
  private Result run(String url, String allowed, String list)
      throws IOException, ReflectiveOperationException {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    Path libraries = Files.writeString(directory.resolve("list"), list);
    Path accepted = Files.writeString(directory.resolve("allowed"), allowed);
    try (URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()});
        PrintStream out = new PrintStream(output, true, StandardCharsets.UTF_8)) {
      Method run =
          loader
              .loadClass("Advisories")
              .getDeclaredMethod("run", String.class, Path.class, Path.class, PrintStream.class);
      run.setAccessible(true);
      int code = (int) run.invoke(null, url, libraries, accepted, out);
      return new Result(code, output.toString(StandardCharsets.UTF_8));
    }
  }

  @Test
  void isACommandThatAsksTheDatabaseOfTheEnvironment() throws Exception {
    answers.put("/v1/querybatch", ONE);
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            source(),
            Files.writeString(directory.resolve("list"), LIST).toString(),
            Files.writeString(directory.resolve("allowed"), "").toString());
    builder.environment().put("SCOPEGATE_ADVISORIES_URL", url());
    builder.redirectErrorStream(true);

    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isEqualTo(FOUND);
    assertThat(output).contains("3 libraries, 1 open advisories");
  }

  private record Result(int code, String output) {}
}
