package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.function.Consumer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

class UnitsPropertyTest {

  @Property
  void everySizeIsReadBack(@ForAll @LongRange(min = 0) long bytes) {
    DataSize size = new DataSize(bytes);

    assertThat(DataSize.parse(size.toString())).isEqualTo(size);
  }

  @Property
  void everyDurationIsReadBack(@ForAll @LongRange(min = 0, max = 3_153_600_000_000L) long millis) {
    Duration duration = Duration.ofMillis(millis);

    assertThat(DurationText.parse(DurationText.format(duration))).isEqualTo(duration);
  }

  @Property
  void anyTextIsReadOrRefused(@ForAll String text) {
    assertRefusedAtMost(DataSize::parse, text);
    assertRefusedAtMost(DurationText::parse, text);
    assertRefusedAtMost(HostPort::parse, text);
    assertRefusedAtMost(Host::parse, text);
  }

  private static void assertRefusedAtMost(Consumer<String> parser, String text) {
    Throwable thrown = catchThrowable(() -> parser.accept(text));
    if (thrown != null) {
      assertThat(thrown).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
