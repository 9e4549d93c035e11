package io.scopegate.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Describes one configuration key. Binding, the JSON Schema, the reference page and the printed
 * effective configuration all read this one description.
 *
 * <p>It sits on a component of a configuration record. The key is called like the component; the
 * component's type decides what may stand there.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Key {
  /** The value of {@link #def()} for a key that has no default. */
  String NONE = "\0";

  /** What the key means, in one or two sentences. */
  String doc();

  /**
   * The default as YAML text, for example {@code 2m}, {@code []} or {@code ""} in quotes. Without
   * one a nullable key is null, a nested record has its own defaults, and anything else must be
   * given.
   */
  String def() default NONE;

  /** The key's name where the component cannot have it, for example {@code static}. */
  String name() default "";

  /**
   * The path of a mapping at the root, dots between keys, whose values stand in for those not given
   * here: {@code listeners.query.tls} inherits from {@code tls}. On a map it holds for each value.
   */
  String inherits() default "";

  /**
   * What a value other than the default would ask for, when that is not implemented yet; empty for
   * a key that works.
   */
  String notBuilt() default "";

  /** The smallest number; for a duration in milliseconds, for a size in bytes. */
  long min() default Long.MIN_VALUE;

  /** The largest number; for a duration in milliseconds, for a size in bytes. */
  long max() default Long.MAX_VALUE;

  /** When a change takes effect. */
  Reload reload() default Reload.AT_START;

  /** When a change takes effect. */
  enum Reload {
    /** A changed value takes effect at the next start. */
    AT_START,
    /**
     * A changed path takes effect at the next start; a changed content of the file takes effect
     * without a restart.
     */
    FILE_FOLLOWED,
    /** A changed value takes effect without a restart. */
    AT_ONCE,
    /** A changed path, and a changed content of the file, take effect without a restart. */
    AT_ONCE_FILE_FOLLOWED
  }
}
