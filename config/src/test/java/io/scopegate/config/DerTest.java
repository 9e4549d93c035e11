package io.scopegate.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DerTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0400",
    "1, 0401",
    "127, 047f",
    "128, 048180",
    "200, 0481c8",
    "255, 0481ff",
    "256, 04820100",
    "65535, 0482ffff",
    "65536, 0483010000"
  })
  void lengthsAreInTheirShortestForm(int length, String head) {
    byte[] value = Der.value(Der.OCTET_STRING, new byte[length]);
    byte[] start = HexFormat.of().parseHex(head);
    assertThat(Arrays.copyOf(value, start.length)).isEqualTo(start);
    assertThat(value).hasSize(start.length + length);
  }

  @ParameterizedTest
  @CsvSource({"100, 28", "100, 155"})
  void partsStandOneBehindTheOther(int first, int second) {
    byte[] value = Der.value(Der.SEQUENCE, new byte[first], new byte[second]);
    assertThat(value).isEqualTo(Der.value(Der.SEQUENCE, new byte[first + second]));
  }
}
