package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.TestFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Loads configurations for the tests of their checks. */
abstract class CheckedConfig {
  static final String TEMPO = "tempo: {distributor: d, queryFrontend: q}\n";

  @TempDir Path directory;

  final List<String> problems(String yaml) {
    return TestFiles.problems(TestFiles.load(directory, yaml));
  }

  final void assertProblem(String yaml, String problem) {
    assertThat(problems(yaml)).containsExactly(problem);
  }

  static String listener(String rest) {
    return TEMPO + "listeners:\n  a: {address: \"127.0.0.1:1\", " + rest + "}\n";
  }
}
