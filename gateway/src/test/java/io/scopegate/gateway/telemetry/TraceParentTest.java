package io.scopegate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TraceParentTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String GOOD = "00-" + TRACE + "-00f067aa0ba902b7-01";

  @Test
  void readsWhatTheSpecificationShows() {
    TraceParent parent = TraceParent.parse(GOOD);
    assertThat(parent)
        .isEqualTo(
            new TraceParent(0x4bf92f3577b34da6L, 0xa3ce929d0e0e4736L, 0x00f067aa0ba902b7L, 1));
    assertThat(parent.isSampled()).isTrue();
    assertThat(parent.text().toString()).isEqualTo(GOOD);
    assertThat(TraceParent.traceId(parent.high(), parent.low())).isEqualTo(TRACE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01-" + TRACE + "-00f067aa0ba902b7-01",
        "cc-" + TRACE + "-00f067aa0ba902b7-01-what-the-future-will-be-like",
        "00-" + TRACE + "-00f067aa0ba902b7-ff",
        "00-00000000000000000000000000000001-0000000000000001-03"
      })
  void acceptsWhatIsKnownOfVersionsToComeAndAllFlags(String text) {
    assertThat(TraceParent.parse(text)).isNotNull();
    assertThat(TraceParent.parse(text).isSampled()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "ff-" + TRACE + "-00f067aa0ba902b7-01",
        "00-" + TRACE + "-00f067aa0ba902b7-01-more",
        "00-" + TRACE + "-00f067aa0ba902b7-01.",
        "cc-" + TRACE + "-00f067aa0ba902b7-01.more",
        "00-" + TRACE + "-00f067aa0ba902b7-0",
        "00-" + TRACE + "-00f067aa0ba902b7-0X",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00_" + TRACE + "-00f067aa0ba902b7-01",
        "0 -" + TRACE + "-00f067aa0ba902b7-01",
        " 00-" + TRACE + "-00f067aa0ba902b7-01"
      })
  void takesAnythingElseForNone(String text) {
    assertThat(TraceParent.parse(text)).isNull();
  }

  @Property
  void whatIsWrittenIsRead(
      @ForAll long high, @ForAll long low, @ForAll long span, @ForAll byte flags) {
    TraceParent parent = new TraceParent(high, low | 1, span | 1, flags & 0xff);
    assertThat(TraceParent.parse(parent.text())).isEqualTo(parent);
  }

  @Property
  void nothingMakesItThrow(@ForAll String text) {
    assertThat(TraceParent.parse(text)).isNull();
  }
}
