package io.scopegate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.telemetry.BuildInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class VersionTest {
  @ParameterizedTest
  @ValueSource(strings = {"3a002721abcd", "3a002721abcd-dirty\n", "3a00272"})
  void theCommitIsWhatTheBuildWrote(String file) {
    assertThat(Version.commit(file)).isEqualTo(file.strip());
  }

  /** The second is what stands in the file outside of an archive. */
  @ParameterizedTest
  @ValueSource(strings = {"", "$Format:%h$\n", "fatal: not a git repository"})
  void withoutACommitItIsUnknown(String file) {
    assertThat(Version.commit(file)).isEqualTo(BuildInfo.UNKNOWN);
  }

  @Test
  void thisProgramHasTheFile() {
    assertThat(Version.class.getResource("commit.txt")).isNotNull();
    assertThat(Version.text()).doesNotContain("$", "unknown");
  }
}
