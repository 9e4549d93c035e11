package io.scopegate.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DuplicateHeaderProbeTest {
  private static final AsciiString NAME = AsciiString.cached("x-scope-orgid");

  private final DuplicateHeaderProbe probe = new DuplicateHeaderProbe();

  static List<Arguments> headers() {
    return List.of(
        Arguments.of(List.of(), false),
        Arguments.of(List.of("a"), false),
        Arguments.of(List.of("a", "a"), false),
        Arguments.of(List.of("a", "a", "a"), false),
        Arguments.of(List.of("", ""), false),
        Arguments.of(List.of("a", "A"), true),
        Arguments.of(List.of("a", "b"), true),
        Arguments.of(List.of("a", ""), true),
        Arguments.of(List.of("", "a"), true),
        Arguments.of(List.of("a", "a", "b"), true),
        Arguments.of(List.of("b", "a", "a"), true),
        Arguments.of(List.of("a", "a "), true));
  }

  @ParameterizedTest
  @MethodSource("headers")
  void equalValuesAreOneAndDifferentOnesAreSeen(List<String> values, boolean differs) {
    Http2Headers head = new DefaultHttp2Headers();
    head.add("other", "x").add("other", "y");
    values.forEach(value -> head.add(NAME, value));

    assertThat(probe.differs(head, NAME)).isEqualTo(differs);
    assertThat(probe.differs(head, NAME)).as("asked again").isEqualTo(differs);
  }

  @ParameterizedTest
  @MethodSource("headers")
  void readsHeadsOfOtherKindsAlike(List<String> values, boolean differs) {
    AsciiString[] pairs = new AsciiString[2 * values.size()];
    for (int i = 0; i < values.size(); i++) {
      pairs[2 * i] = NAME;
      pairs[2 * i + 1] = AsciiString.of(values.get(i));
    }
    Http2Headers head = ReadOnlyHttp2Headers.trailers(false, pairs);

    assertThat(probe.differs(head, NAME)).isEqualTo(differs);
  }
}
