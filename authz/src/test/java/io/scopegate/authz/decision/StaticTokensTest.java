package io.scopegate.authz.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.authz.Authentication;
import io.scopegate.authz.HandClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StaticTokensTest {
  private final HandClock clock = new HandClock();
  @TempDir private Path directory;

  private Path write(String yaml) throws IOException {
    return Files.writeString(directory.resolve("tokens.yaml"), yaml);
  }

  private static String entry(String token, String user) {
    return "- {sha256: " + TokenHash.of(token) + ", user: " + user + ", groups: [readers]}\n";
  }

  @Test
  void findsATokenByItsHash() throws IOException {
    StaticTokens tokens =
        StaticTokens.of(write("tokens:\n" + entry("s3cret", "jane") + entry("t", "joe")), clock);
    Authentication jane = tokens.find("s3cret");
    assertThat(jane.user().name()).isEqualTo("jane");
    assertThat(jane.user().groups()).containsExactly("readers", "system:authenticated");
    assertThat(jane.proof().source()).isEqualTo(Authentication.Proof.Source.STATIC_TOKEN);
    assertThat(tokens.find("s3cre")).isNull();
    assertThat(tokens.find(TokenHash.of("s3cret").toString())).isNull();
    assertThat(StaticTokens.none(clock).find("t")).isNull();
  }

  @Test
  void aRemovedTokenEndsAtOnceAndOthersGoOn() throws IOException {
    Path file = write("tokens:\n" + entry("a", "jane") + entry("b", "joe") + entry("c", "cy"));
    StaticTokens tokens = StaticTokens.of(file, clock);
    List<Authentication> before = List.of(tokens.find("a"), tokens.find("b"), tokens.find("c"));
    tokens.reread(write("tokens:\n" + entry("c", "carol") + entry("b", "joe")));
    assertThat(before)
        .extracting(a -> a.proof().lease().ended())
        .containsExactly(true, false, true);
    assertThat(tokens.find("a")).isNull();
    assertThat(tokens.find("c").user().name()).isEqualTo("carol");
  }

  @Test
  void whatIsNotValidChangesNothing() throws IOException {
    StaticTokens tokens = StaticTokens.of(write("tokens:\n" + entry("a", "jane")), clock);
    assertThatThrownBy(() -> tokens.reread(write("tokens: [{user: x}]")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("tokens.yaml:1:");
    assertThat(tokens.find("a").proof().lease().ended()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tokens: [{sha256: ab, user: x}] | 64 hexadecimal digits",
        "tokens: [{sha256: %1$s}] | tokens[0].user",
        "tokens: [{sha256: %1$s, user: ' '}] | (expected: a name)",
        "tokens: [{sha256: %1$s, user: x, groups: ['']}] | (expected: a name)",
        "tokens: [{sha256: %1$s, user: x}, {sha256: %1$s, user: y}] | each token once",
        "tokens: [{sha256: %1$s, user: x, token: y}] | unknown key",
        "- a | a mapping",
      })
  void everyProblemHasItsPlace(String yaml, String expected) throws IOException {
    Path file = write(yaml.formatted(TokenHash.of("t")));
    assertThat(StaticTokensFile.load(file).problems())
        .first()
        .asString()
        .contains("tokens.yaml:1:", expected);
  }

  @Test
  void anAbsentFileIsAProblem() {
    assertThat(StaticTokensFile.load(directory.resolve("none")).problems()).isNotEmpty();
  }
}
