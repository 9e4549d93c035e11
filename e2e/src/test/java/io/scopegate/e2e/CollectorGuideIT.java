package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A real collector takes every configuration that a guide shows: by itself, in a ConfigMap, in the
 * operator's resource and in the chart's values.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CollectorGuideIT {
  private static final Duration AT_MOST = Duration.ofSeconds(60);
  private static final Pattern ALONE = block("# collector\\.yaml\\n(.*?)");
  private static final List<Pattern> WITHIN =
      List.of(
          Pattern.compile("^  collector\\.yaml: \\|\\n((?:    .*\\n)+)", Pattern.MULTILINE),
          block("# opentelemetrycollector\\.yaml\\n.*?^  config:\\n(.*?)"),
          block("# opentelemetry-collector-values\\.yaml\\n.*?^config:\\n(.*?)"));

  private Path otelcol;

  private static Pattern block(String text) {
    return Pattern.compile("^```yaml\\n" + text + "^```$", Pattern.MULTILINE | Pattern.DOTALL);
  }

  /** A configuration and where it is shown. */
  record Shown(Path guide, String yaml) {
    @Override
    public String toString() {
      return guide.getFileName() + ": " + yaml.lines().limit(3).toList();
    }
  }

  @BeforeAll
  void findTheCollector() {
    otelcol = Parts.need("otelcol");
    Part.Ended components = run("components");
    boolean complete =
        Stream.of("headers_setter", "routing", "jaeger").allMatch(components.output()::contains);
    assumeTrue(complete, "an otelcol without headers_setter, routing or jaeger: run e2e/parts");
  }

  private Part.Ended run(String... arguments) {
    List<String> command =
        Stream.concat(Stream.of(otelcol.toString()), Stream.of(arguments)).toList();
    return Part.run("otelcol", Scratch.directory("otelcol"), Map.of(), AT_MOST, command);
  }

  static List<Shown> configurations() throws IOException {
    try (Stream<Path> guides = Files.list(Scratch.repository("docs/guides"))) {
      return guides
          .filter(guide -> guide.toString().endsWith(".md"))
          .sorted()
          .flatMap(guide ->
              Stream.concat(Stream.of(ALONE), WITHIN.stream())
                  .flatMap(pattern -> in(guide, pattern)))
          .toList();
    }
  }

  private static Stream<Shown> in(Path guide, Pattern pattern) {
    return pattern
        .matcher(Scratch.read(guide))
        .results()
        .map(found -> new Shown(guide, found.group(1).stripIndent()));
  }

  @Test
  void everyPlaceThatShowsOneIsFound() throws IOException {
    Path guide = Scratch.repository("docs/guides/collector.md");
    assertThat(in(guide, ALONE)).hasSizeGreaterThanOrEqualTo(4);
    for (Pattern pattern : WITHIN) {
      assertThat(in(guide, pattern)).as(pattern.pattern()).hasSize(1);
    }
    assertThat(configurations()).anyMatch(one -> !one.guide().endsWith("collector.md"));
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void isAccepted(Shown shown) {
    Path file =
        Scratch.write(Scratch.directory("collector-guide").resolve("collector.yaml"), shown.yaml());

    Part.Ended validated = run("validate", "--config", file.toString());

    assertThat(validated.code()).as(validated.output()).isZero();
  }

  /** So that the test above means something. */
  @Test
  void unknownKeyIsNotAccepted() throws IOException {
    String yaml = configurations().get(0).yaml().replace("ca_file", "ca_fil");
    Path file = Scratch.write(Scratch.directory("collector-guide").resolve("wrong.yaml"), yaml);

    Part.Ended validated = run("validate", "--config", file.toString());

    assertThat(validated.code()).isNotZero();
    assertThat(validated.output()).contains("ca_fil");
  }
}
