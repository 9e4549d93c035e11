package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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

  /** {@code helm template} with these options. */
  Part.Ended tryOut(String release, String... options) {
    List<String> command =
        new ArrayList<>(List.of(binary.toString(), "template", release, CHART.toString()));
    command.addAll(List.of("--kube-version", "1.34.0"));
    command.addAll(List.of(options));
    return Part.run("helm", Scratch.directory("helm"), Map.of(), PATIENCE, command);
  }
}
