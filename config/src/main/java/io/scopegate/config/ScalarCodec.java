package io.scopegate.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * How values of one type are read and written.
 *
 * @param name the type's name for people
 * @param expected what fits, for messages
 * @param pattern what fits, for the schema; empty for any text
 * @param json the JSON types that fit
 * @param choices every value that fits, when they can be counted; otherwise empty
 * @param secret whether values must not be shown
 * @param parse reads a value; throws {@link IllegalArgumentException} for what does not fit
 * @param print writes it so that {@code parse} reads it back
 */
record ScalarCodec(
    String name,
    String expected,
    String pattern,
    List<String> json,
    List<String> choices,
    boolean secret,
    Function<String, Object> parse,
    Function<Object, String> print) {

  static ScalarCodec of(Class<?> type) {
    if (type.isEnum()) {
      return ofEnum(type);
    }
    ScalarType annotated = type.getAnnotation(ScalarType.class);
    if (annotated != null) {
      return annotated(type, annotated);
    }
    if (type == String.class) {
      return plain("string", "a text", "", "string", s -> s);
    }
    if (type == Duration.class) {
      return new ScalarCodec(
          "duration",
          DurationText.EXPECTED,
          DurationText.PATTERN,
          List.of("string"),
          List.of(),
          false,
          DurationText::parse,
          d -> DurationText.format((Duration) d));
    }
    if (type == Path.class) {
      return plain("path", "the path of a file", "^.+$", "string", ScalarCodec::path);
    }
    return primitive(type);
  }

  private static ScalarCodec primitive(Class<?> type) {
    if (type == boolean.class || type == Boolean.class) {
      return plain("boolean", "true or false", "", "boolean", ScalarCodec::bool);
    }
    if (type == int.class || type == Integer.class) {
      return plain("integer", "a whole number", "", "integer", s -> Integer.valueOf(digits(s)));
    }
    if (type == long.class || type == Long.class) {
      return plain("integer", "a whole number", "", "integer", s -> Long.valueOf(digits(s)));
    }
    if (type == double.class || type == Double.class) {
      return plain("number", "a number", "", "number", ScalarCodec::number);
    }
    throw new IllegalArgumentException(type + " (expected: a type that configuration can have)");
  }

  private static ScalarCodec plain(
      String name, String expected, String pattern, String json, Function<String, Object> parse) {
    return new ScalarCodec(
        name, expected, pattern, List.of(json), List.of(), false, parse, String::valueOf);
  }

  private static Object path(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("empty");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Object bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static String digits(String text) {
    if (!text.matches("-?[0-9]{1,19}")) {
      throw new IllegalArgumentException(text);
    }
    return text;
  }

  private static Object number(String text) {
    if (!text.matches("-?[0-9]{1,30}(\\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?")
        || Double.isInfinite(Double.parseDouble(text))) {
      throw new IllegalArgumentException(text);
    }
    return Double.valueOf(text);
  }

  private static ScalarCodec annotated(Class<?> type, ScalarType annotated) {
    Method parse;
    try {
      parse = type.getMethod("parse", String.class);
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException(type + " (expected: a static method parse(String))", e);
    }
    return new ScalarCodec(
        annotated.name(),
        annotated.expected(),
        annotated.pattern(),
        annotated.number() ? List.of("string", "integer") : List.of("string"),
        List.of(),
        annotated.secret(),
        text -> call(parse, text),
        String::valueOf);
  }

  private static Object call(Method parse, String text) {
    try {
      return parse.invoke(null, text);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw refused;
      }
      throw new IllegalStateException(e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ScalarCodec ofEnum(Class<?> type) {
    Map<String, Object> all = new LinkedHashMap<>();
    for (Object constant : type.getEnumConstants()) {
      all.put(text((Enum<?>) constant), constant);
    }
    List<String> choices = List.copyOf(all.keySet());
    return new ScalarCodec(
        String.join(" \\| ", choices),
        choices.size() == 1 ? choices.get(0) : "one of " + String.join(", ", choices),
        "",
        List.of("string"),
        choices,
        false,
        text -> constant(all, text),
        value -> text((Enum<?>) value));
  }

  private static Object constant(Map<String, Object> all, String text) {
    Object constant = all.get(text);
    if (constant == null) {
      throw new IllegalArgumentException(text);
    }
    return constant;
  }

  /** In kebab case, unless the constant has a text of its own. */
  private static String text(Enum<?> constant) {
    return constant.toString().equals(constant.name())
        ? constant.name().toLowerCase(Locale.ROOT).replace('_', '-')
        : constant.toString();
  }
}
