package io.scopegate.authz;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.testkit.fuzz.FuzzTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The fuzz targets over the inputs in {@code src/test/fuzz}, without a fuzzer. */
class FuzzTargetsTest {
  static List<FuzzTarget> targets() throws IOException {
    return FuzzTarget.of(Path.of(""));
  }

  @ParameterizedTest
  @MethodSource("targets")
  void everyTargetPassesWithItsInputs(FuzzTarget target) throws IOException {
    assertThat(target.runOverItsInputs()).isPositive();
  }
}
