package io.scopegate.e2e.hostile;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every attack, one after another: the gateway lives, its heap is free again, a collector loses
 * nothing, and readers succeed as fast as beside as much honest work. A short run tries all ways in
 * at the same time; a full one each by itself, with ten times the volume for a minute.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileClientsIT {
  @AutoClose private Stage stage;

  @BeforeAll
  void start() {
    stage = new Stage(Map.of());
  }

  static Stream<Case> cases() {
    return Case.ofThisRun().filter(tried -> !tried.attack().mustEndByTimeout());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void nobodyElseNotices(Case tried) {
    stage.survives(tried);
  }
}
