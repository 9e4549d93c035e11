package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Renders this repository's chart. */
final class Helm {
  /** Where the chart is. */
  static final Path CHART = Scratch.repository("deploy/helm/scopegate");

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path binary = Parts.need("helm");

  /** What the release renders with these options, which it has to. */
  List<Manifest> render(String release, String... options) {
    Part.Ended ended = tryOut(release, options);
    assertThat(ended.code()).as(ended.output()).isZero();
    return Manifest.all(ended.output());
  }

  /**
   * What a chart that has this one as a dependency renders. It is copied, so that what its README
   * has a reader do leaves nothing in the repository.
   */
  List<Manifest> renderDependent(Path chart, String release, String namespace) {
    Path copy = Scratch.directory("dependent").resolve("chart");
    Path out = copy.resolveSibling("out");
    run(List.of("cp", "-r", chart.toString(), copy.toString()));
    Path file = copy.resolve("Chart.yaml");
    Scratch.write(
        file, Scratch.read(file).replace("file://../../helm/scopegate", "file://" + CHART));
    run(List.of(binary.toString(), "dependency", "build", copy.toString()));
    List<String> command = new ArrayList<>(List.of(binary.toString(), "template", release));
    command.addAll(List.of(copy.toString(), "-n", namespace, "--kube-version", "1.34.0"));
    command.addAll(List.of("--output-dir", out.toString()));
    run(command);
    try (Stream<Path> files = Files.walk(out)) {
      return files
          .filter(Files::isRegularFile)
          .sorted()
          .flatMap(rendered -> Manifest.all(Scratch.read(rendered)).stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code helm lint --strict} of this repository's chart with these options. */
  Part.Ended lint(String... options) {
    List<String> command =
        new ArrayList<>(List.of(binary.toString(), "lint", "--strict", CHART.toString()));
    command.addAll(List.of("--kube-version", "1.34.0"));
    command.addAll(List.of(options));
    return Part.run("helm", Scratch.directory("helm"), Map.of(), PATIENCE, command);
  }

  private static void run(List<String> command) {
    Part.Ended ended =
        Part.run(
            "helm",
            Scratch.directory("helm"),
            Map.of("HELM_CACHE_HOME", Scratch.directory("helm-cache").toString()),
            PATIENCE,
            command);
    assertThat(ended.code()).as(ended.output()).isZero();
  }

  /** {@code helm template} with these options. */
  Part.Ended tryOut(String release, String... options) {
    List<String> command =
        new ArrayList<>(List.of(binary.toString(), "template", release, CHART.toString()));
    command.addAll(List.of("--kube-version", "1.34.0"));
    command.addAll(List.of(options));
    return Part.run("helm", Scratch.directory("helm"), Map.of(), PATIENCE, command);
  }
}
