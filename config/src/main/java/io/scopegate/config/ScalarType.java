package io.scopegate.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a type one that a configuration key can have. The type has a {@code public static} method
 * {@code parse(String)} that throws {@link IllegalArgumentException} for what does not fit, and a
 * {@code toString()} that {@code parse} reads back.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface ScalarType {
  /** The type's name on the reference page, for example {@code size}. */
  String name();

  /** What fits, in words, for error messages. */
  String expected();

  /** What fits, as a regular expression of ECMA 262 for the JSON Schema; need not be exact. */
  String pattern();

  /** Whether a plain number fits too. */
  boolean number() default false;

  /** Whether values must not be shown to anybody. */
  boolean secret() default false;
}
