package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ReferenceTest {
  @Test
  void everyKeyHasARow() {
    assertThat(Reference.of(Sample.class).lines())
        .contains(
            "| Key | Type | Default | Meaning | A change takes effect |",
            "| `count` | integer, 1 to 10 | `3` | A count. | at the next start |",
            "| `on` | boolean | `true` | A switch. | without a restart |",
            "| `file` | path | `null` | A file. | content of the file: without a restart; path: at"
                + " the next start |",
            "| `colour` | dark-blue \\| red | `dark-blue` | A colour. | at the next start |",
            "| `time` | duration, <= 1h | `2m` | A time. | at the next start |",
            "| `size` | size, >= 1KiB | `1MiB` | A size. | at the next start |",
            "| `password` | secret | `null` | A password. | at the next start |",
            "| `words` | mapping of name to string | `{}` | Words. | at the next start |",
            "| `lamp` | mapping |  | The default of all rooms. |  |",
            "| `rooms.NAME.door` | host:port | must be given | Where the door is. | at the next"
                + " start |",
            "| `rooms.NAME.lamp` | mapping, the keys and values of `lamp` |  | Overrides. |  |",
            "| `static` | list of string | `[]` | A \\| pipe. Not implemented yet. | at the next"
                + " start |");
  }
}
