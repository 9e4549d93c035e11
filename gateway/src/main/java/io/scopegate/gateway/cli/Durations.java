package io.scopegate.gateway.cli;

import io.scopegate.config.DurationText;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the durations of options as those of the configuration; zero is refused. */
final class Durations implements ITypeConverter<Duration> {
  @Override
  public Duration convert(String text) {
    try {
      Duration duration = DurationText.parse(text);
      if (duration.isZero()) {
        throw new TypeConversionException("0 (expected: a longer duration, such as 10s)");
      }
      return duration;
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
