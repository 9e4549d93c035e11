package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.AsciiString;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdsTest {
  @Test
  void freshIdsDiffer() {
    Set<String> ids = new HashSet<>();
    IntStream.range(0, 1_000).forEach(i -> ids.add(RequestIds.of(null)));

    assertThat(ids).hasSize(1_000).allMatch(id -> id.matches("[0-9a-f]{16}"));
  }

  @Test
  void threadsDiffer() throws InterruptedException {
    String[] other = {""};
    Thread thread = new Thread(() -> other[0] = RequestIds.of(null));
    thread.start();
    thread.join();

    assertThat(RequestIds.of(null).substring(0, 8)).isNotEqualTo(other[0].substring(0, 8));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "0-9_A.z", "0af7651916cd43dd8448eb211c80319c"})
  void keepsSaneIdsOfClients(String id) {
    assertThat(RequestIds.of(id)).isEqualTo(id);
    assertThat(RequestIds.of(new AsciiString(id))).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " a", "a b", "a\r\nx: y", "ü", "a/b", "a\"", "{a}"})
  void replacesOthers(String id) {
    assertThat(RequestIds.of(id)).matches("[0-9a-f]{16}");
  }

  @Test
  void idsHave64CharactersAtMost() {
    assertThat(RequestIds.of("x".repeat(64))).isEqualTo("x".repeat(64));
    assertThat(RequestIds.of("x".repeat(65))).hasSize(16);
  }
}
