package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

final class JsonSchemaTest {
  private final Object schema =
      new Load(LoadSettings.builder().build())
          .loadFromString(JsonSchema.of(Sample.class, "Sample"));

  private Object at(String... keys) {
    Object at = schema;
    for (String key : keys) {
      at = Objects.requireNonNull(((Map<?, ?>) at).get(key), key);
    }
    return at;
  }

  @Test
  void isADraft202012Schema() {
    assertThat(at("$schema")).isEqualTo("https://json-schema.org/draft/2020-12/schema");
    assertThat(at("title")).isEqualTo("Sample");
    assertThat(at("additionalProperties")).isEqualTo(false);
    assertThat(at("properties", "lamp", "additionalProperties")).isEqualTo(false);
  }

  @Test
  void everyKeyHasItsMeaningAndItsDefault() {
    assertThat(at("properties", "count"))
        .isEqualTo(
            Map.of(
                "description",
                "A count.",
                "anyOf",
                List.of(
                    Map.of("type", "integer", "minimum", 1, "maximum", 10),
                    Map.of("$ref", "#/$defs/variable")),
                "default",
                3));
    assertThat(at("properties", "colour", "anyOf"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .contains(Map.of("enum", List.of("dark-blue", "red")));
    assertThat(at("properties", "address", "default")).isEqualTo("[::]:80");
    assertThat(at("properties", "name"))
        .isEqualTo(Map.of("description", "A name.", "type", "string", "default", "nobody"));
    assertThat(at("properties", "rooms", "additionalProperties", "required"))
        .isEqualTo(List.of("door"));
  }

  @Test
  void aNullableKeyMayBeNull() {
    assertThat(at("properties", "password", "anyOf"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .contains(Map.of("type", "null"));
  }

  @Test
  void whatIsNotBuiltMayOnlyBeItsDefault() {
    assertThat(at("properties", "static"))
        .isEqualTo(
            Map.of(
                "description", "A | pipe. Not implemented yet.",
                "default", List.of(),
                "const", List.of()));
  }
}
