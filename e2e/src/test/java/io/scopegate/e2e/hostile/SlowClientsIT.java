package io.scopegate.e2e.hostile;

import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients that begin something and do not end it: the gateway closes their connections when its
 * timeouts are over, and nobody else notices.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SlowClientsIT {
  @AutoClose private Stage stage;

  @BeforeAll
  void start() {
    stage = new Stage(Target.IMPATIENT);
  }

  static Stream<Case> cases() {
    return Case.ofThisRun().filter(tried -> tried.attack().mustEndByTimeout());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void areShownOutInTime(Case tried) {
    stage.survives(tried);
  }
}
