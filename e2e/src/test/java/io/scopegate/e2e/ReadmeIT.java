package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * "Put it in front of your Tempo" in the README, word for word, from an empty directory. Only ports
 * differ.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReadmeIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String CHECK = "### 1. Say where Tempo is";
  private static final String RUN = "### 2. Run it";
  private static final String RIGHTS = "### 3. Grant rights";
  private static final String TRACE = "### 4. Write and read a trace";
  private static final String EXPLAIN = "### 5. Explain a decision";
  private static final String YAML = "# scopegate.yaml\n";
  private static final Pattern ADDRESS = Pattern.compile("127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern INLINE = Pattern.compile("`(\\./scopegate [^`]+)`");

  private final Guide readme = Guide.of("README.md");
  private final Map<String, Integer> ports = new HashMap<>();
  private Cluster cluster;
  private Shell shell;
  @AutoClose private Tempo tempo;

  @BeforeAll
  void start() {
    Parts.need("curl");
    Parts.need("openssl");
    cluster = Cluster.shared();
    shell = new Shell("readme", cluster.adminKubeconfig());
    tempo = Tempo.start();
    ports.put("14317", tempo.ports().otlpGrpc());
    ports.put("14318", tempo.ports().otlpHttp());
    ports.put("13200", tempo.ports().query());
    List.of("4317", "4318", "3200", "8080").forEach(port -> ports.put(port, FreePorts.next()));
  }

  private String here(String text) {
    return ADDRESS
        .matcher(text)
        .replaceAll(found -> "127.0.0.1:" + ports.getOrDefault(found.group(1), 0));
  }

  private List<String> commands(String heading) {
    return readme.below(heading).stream()
        .flatMap(block -> block.runnable().stream())
        .map(this::here)
        .toList();
  }

  @Test
  void everyStepWorksAsItIsPrinted() {
    checks();
    List<String> running = commands(RUN);
    assertThat(running).hasSize(2);
    shell.write("scopegate.yaml", here(secondOf(RUN)));
    try (Part serving = shell.start(running.get(0))) {
      Migration.awaitAnswer(serving, "http://127.0.0.1:" + ports.get("8080") + "/readyz");
      assertThat(shell.run(running.get(1))).contains(" checked, 0 wrong");
      commands(RIGHTS).forEach(shell::run);
      inline(RIGHTS).forEach(shell::run);
      writesAndReads();
      explains();
      serving.terminate();
      assertThat(serving.awaitEnd(PATIENCE)).isZero();
    }
  }

  private void checks() {
    shell.write("scopegate.yaml", readme.shown(CHECK, "yaml", YAML));
    List<String> commands = commands(CHECK);
    assertThat(commands).hasSize(2);
    shell.run(commands.get(0));
    assertThat(shell.run(commands.get(1))).contains("scopegate.yaml: fine");
    assertThat(shell.run("export TLS=.; " + String.join("; ", inline(CHECK)) + "; unset TLS"))
        .contains("distributor-otlp-grpc:", "\"$schema\"");
  }

  private String secondOf(String heading) {
    return readme.shown(heading, "yaml", YAML);
  }

  /** Commands within the text. */
  private List<String> inline(String heading) {
    return INLINE.matcher(readme.section(heading)).results().map(f -> f.group(1)).toList();
  }

  private void writesAndReads() {
    List<String> commands = commands(TRACE);
    assertThat(commands).hasSize(3);
    shell.run(commands.get(0));
    assertThat(shell.run(commands.get(1))).startsWith("HTTP/1.1 200 ");
    String read = commands.get(2);
    Until.holds("the trace is read", PATIENCE, () -> shell.run(read).startsWith("HTTP/1.1 200 "));
    assertThat(shell.run(read.replace("$READ", "$WRITE")))
        .startsWith("HTTP/1.1 403 ")
        .contains("resources: [payments], resourceNames: [traces], verbs: [get]");
  }

  /** What it prints can be pasted, as the text says. */
  private void explains() {
    shell.run("printf %s \"$WRITE\" > token");
    String command = commands(EXPLAIN).get(0);
    String explained = shell.run(command);
    assertThat(explained).contains("authorization  payments: no", "HTTP 403 (forbidden)");
    shell.write("review.yaml", pasted(explained, "# the review; "));
    shell.write("rule.yaml", pasted(explained, "# would allow it; "));

    assertThat(shell.run("kubectl create -o yaml -f - < review.yaml")).contains("allowed: false");
    shell.run("kubectl apply -f - < rule.yaml");
    try {
      Until.holds(
          "the rule allows it",
          PATIENCE,
          () -> shell.run(command).contains("authorization  payments: yes"));
    } finally {
      shell.run("kubectl delete -f rule.yaml");
    }
  }

  private static String pasted(String explained, String heading) {
    Matcher block =
        Pattern.compile(Pattern.quote(heading) + "[^\\n]*\\n(.*?)\\n\\n", Pattern.DOTALL)
            .matcher(explained);
    assertThat(block.find()).as(heading).isTrue();
    return block.group(1) + "\n";
  }
}
