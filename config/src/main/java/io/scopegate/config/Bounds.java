package io.scopegate.config;

import io.scopegate.config.Shape.Field;
import java.time.Duration;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** The smallest and the largest value of a key. */
final class Bounds {
  private Bounds() {}

  /** The value itself, or {@link Binder#FAILED} after a problem. */
  static @Nullable Object check(
      Field field, @Nullable Object value, YamlNode node, KeyPath path, Problems problems) {
    OptionalDouble number = number(value);
    if (number.isEmpty()
        || (number.getAsDouble() >= field.key().min()
            && number.getAsDouble() <= field.key().max())) {
      return value;
    }
    problems.add(node.position(), path, node.toString(), expected(field));
    return Binder.FAILED;
  }

  private static OptionalDouble number(@Nullable Object value) {
    if (value instanceof Number number) {
      return OptionalDouble.of(number.doubleValue());
    }
    if (value instanceof Duration duration) {
      return OptionalDouble.of((double) duration.toMillis());
    }
    return value instanceof DataSize size
        ? OptionalDouble.of((double) size.bytes())
        : OptionalDouble.empty();
  }

  /** The bounds in words; empty without any. */
  static String expected(Field field) {
    boolean lower = field.key().min() != Long.MIN_VALUE;
    boolean upper = field.key().max() != Long.MAX_VALUE;
    if (lower && upper) {
      return shown(field, field.key().min()) + " to " + shown(field, field.key().max());
    }
    if (lower) {
      return ">= " + shown(field, field.key().min());
    }
    return upper ? "<= " + shown(field, field.key().max()) : "";
  }

  private static String shown(Field field, long bound) {
    Class<?> type = field.component().getType();
    if (type == Duration.class) {
      return DurationText.format(Duration.ofMillis(bound));
    }
    return type == DataSize.class ? new DataSize(bound).toString() : Long.toString(bound);
  }
}
