package io.scopegate.config;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What may stand at a key, read from the Java type once. */
sealed interface Shape {

  /** The shape of a type. */
  static Shape of(Type type) {
    if (type == Object.class) {
      return new Any();
    }
    if (type instanceof ParameterizedType generic) {
      Type last = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
      if (generic.getRawType() == List.class) {
        return new ListOf(of(last));
      }
      if (generic.getRawType() == Map.class
          && generic.getActualTypeArguments()[0] == String.class) {
        return new MapOf(of(last));
      }
    }
    if (type instanceof Class<?> raw) {
      return raw.isRecord() && !raw.isAnnotationPresent(ScalarType.class)
          ? RecordOf.of(raw)
          : new One(ScalarCodec.of(raw));
    }
    throw new IllegalArgumentException(type + " (expected: a type that configuration can have)");
  }

  /** What fits, for messages. */
  String expected();

  /** The type for the reference page. */
  String name();

  /** Anything at all. */
  record Any() implements Shape {
    @Override
    public String expected() {
      return "any value";
    }

    @Override
    public String name() {
      return "any";
    }
  }

  /** One scalar. */
  record One(ScalarCodec codec) implements Shape {
    @Override
    public String expected() {
      return codec.expected();
    }

    @Override
    public String name() {
      return codec.name();
    }
  }

  /** A list. */
  record ListOf(Shape element) implements Shape {
    @Override
    public String expected() {
      return "a list";
    }

    @Override
    public String name() {
      return "list of " + element.name();
    }
  }

  /** A mapping with keys of the user's own. */
  record MapOf(Shape value) implements Shape {
    @Override
    public String expected() {
      return "a mapping";
    }

    @Override
    public String name() {
      return "mapping of name to " + value.name();
    }
  }

  /** A mapping with known keys. */
  record RecordOf(Constructor<?> constructor, List<Field> fields) implements Shape {
    private static RecordOf of(Class<?> type) {
      List<RecordComponent> components = List.of(type.getRecordComponents());
      Class<?>[] types = components.stream().map(RecordComponent::getType).toArray(Class<?>[]::new);
      try {
        Constructor<?> constructor = type.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return new RecordOf(constructor, components.stream().map(Field::of).toList());
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException(e);
      }
    }

    Optional<Field> field(String name) {
      return fields.stream().filter(f -> f.name().equals(name)).findFirst();
    }

    List<String> names() {
      return fields.stream().map(Field::name).toList();
    }

    /** Calls the constructor; what it refuses is an {@link IllegalArgumentException}. */
    Object create(@Nullable Object[] values) {
      try {
        return constructor.newInstance(values);
      } catch (InvocationTargetException e) {
        if (e.getCause() instanceof IllegalArgumentException refused) {
          throw refused;
        }
        throw new IllegalStateException(e.getCause());
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public String expected() {
      return "a mapping";
    }

    @Override
    public String name() {
      return "mapping";
    }
  }

  /**
   * One key of a record.
   *
   * @param component the record's component
   * @param key its description
   * @param name the key in the file
   * @param shape what may stand there
   * @param nullable whether that may be null
   * @param def the default, or null when there is none
   */
  record Field(
      RecordComponent component,
      Key key,
      String name,
      Shape shape,
      boolean nullable,
      @Nullable YamlNode def) {

    private static Field of(RecordComponent component) {
      Key key = component.getAnnotation(Key.class);
      if (key == null) {
        throw new IllegalArgumentException(component + " (expected: @Key)");
      }
      component.getAccessor().setAccessible(true);
      return new Field(
          component,
          key,
          key.name().isEmpty() ? component.getName() : key.name(),
          Shape.of(component.getGenericType()),
          isNullable(component.getAnnotatedType()),
          key.def().equals(Key.NONE) ? null : Field.parse(key.def()));
    }

    private static boolean isNullable(AnnotatedType type) {
      return Arrays.stream(type.getAnnotations())
          .anyMatch(a -> a.annotationType() == Nullable.class);
    }

    private static YamlNode parse(String def) {
      Problems problems = new Problems(def);
      YamlNode node = new YamlReader(new Substitution(name -> null), problems).read(def);
      if (node == null || !problems.isEmpty()) {
        throw new IllegalArgumentException("default: " + problems.sorted());
      }
      return node;
    }

    /** The default as it stands in the description; empty when the key must be given. */
    Optional<String> defText() {
      if (def != null) {
        return Optional.of(key.def());
      }
      return nullable ? Optional.of("null") : Optional.empty();
    }

    /** The value in a record. */
    @Nullable Object get(Record owner) {
      try {
        return component.getAccessor().invoke(owner);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
