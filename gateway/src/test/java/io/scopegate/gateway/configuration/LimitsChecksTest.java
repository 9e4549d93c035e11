package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong about {@code limits}. */
final class LimitsChecksTest extends CheckedConfig {
  @Test
  void aBurstWithoutARateIsAContradiction() {
    assertThat(problems(TEMPO + "limits: {defaults: {ingestBurst: 5MB}}"))
        .anySatisfy(p ->
            assertThat(p)
                .endsWith(
                    " limits.defaults.ingestBurst: 5MB has no effect without ingestBytesPerSecond"
                        + " (expected: null, or ingestBytesPerSecond as well)"));
    assertThat(
            problems(
                TEMPO
                    + "limits: {defaults: {ingestBytesPerSecond: 1MB},"
                    + " tenants: {a: {ingestBurst: 5MB}}}"))
        .isEmpty();
  }

  @Test
  void temposOverridesFileIsRead() throws IOException {
    Path file = Files.writeString(directory.resolve("overrides.yaml"), "overrides: {a: 5}");

    assertThat(problems(TEMPO + "limits: {tempoOverridesFile: " + file + "}"))
        .anySatisfy(p ->
            assertThat(p)
                .contains("limits.tempoOverridesFile: ", "overrides.a: ")
                .containsOnlyOnce("expected"));
    assertThat(problems(TEMPO + "limits: {tempoOverridesFile: /nowhere}"))
        .anySatisfy(p ->
            assertThat(p).endsWith("/nowhere does not exist (expected: a file that can be read)"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://a",
        "redis://a:7000/3",
        "rediss://:hush@a:6380",
        "redis://user:hu%2Fsh@[::1]:6379/0"
      })
  void aSharedStoreHasAUrl(String url) {
    assertThat(problems(TEMPO + "limits: {store: {type: redis, url: '" + url + "'}}")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://a",
        "a:6379",
        "redis:///0",
        "redis://:hush@a b",
        "redis://:hush@a/x",
        "redis://a?verifyPeer=NONE",
        "redis://a,b",
        "redis-sentinel://:hush@a#main",
        "redis-socket:///run/redis.sock"
      })
  void aUrlOfAnythingElseIsRefusedAndNotPrinted(String url) {
    assertThat(problems(TEMPO + "limits: {store: {type: redis, url: '" + url + "'}}"))
        .singleElement()
        .asString()
        .contains("limits.store.url: ******** (expected: redis://")
        .doesNotContain("hush");
  }

  @Test
  void aSharedStoreNeedsAUrlAndAPlainPrefix() {
    assertThat(problems(TEMPO + "limits: {store: {type: redis, prefix: 'a b', caFile: /nowhere}}"))
        .hasSize(3)
        .anySatisfy(
            p -> assertThat(p).contains("limits.store.url: missing, and type: redis needs it (exp"))
        .anySatisfy(p -> assertThat(p).contains("limits.store.prefix: a b (expected: 1 to 64"))
        .anySatisfy(p -> assertThat(p).contains("limits.store.caFile: /nowhere does not exist"));
  }
}
