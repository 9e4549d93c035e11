package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ReferenceTest {
  @Test
  void everyKeyHasARow() {
    assertThat(Reference.of(Sample.class).lines())
        .contains(
            "| Key | Type | Default | Meaning | Reloads |",
            "| `count` | integer, 1 to 10 | `3` | A count. | no |",
            "| `on` | boolean | `true` | A switch. | yes |",
            "| `colour` | dark-blue \\| red | `dark-blue` | A colour. Not built yet: `green`. | no |",
            "| `time` | duration, <= 1h | `2m` | A time. | no |",
            "| `size` | size, >= 1KiB | `1MiB` | A size. | no |",
            "| `password` | secret | `null` | A password. | no |",
            "| `words` | mapping of name to string | `{}` | Words. | no |",
            "| `lamp` | mapping |  | The default of all rooms. |  |",
            "| `rooms.NAME.door` | host:port | must be given | Where the door is. | no |",
            "| `rooms.NAME.lamp` | mapping | those of `lamp` | Overrides. |  |",
            "| `static` | list of string | `[]` | A \\| pipe. Not built yet. | no |");
  }
}
