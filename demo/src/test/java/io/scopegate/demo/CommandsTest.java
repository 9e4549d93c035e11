package io.scopegate.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
  @Test
  void theProtosetHoldsEverythingThatItNeeds(@TempDir Path directory)
      throws IOException, DescriptorValidationException {
    Path file = directory.resolve("tempo.protoset");
    Commands.writeProtoset(file);

    Map<String, FileDescriptor> built = new LinkedHashMap<>();
    for (FileDescriptorProto proto :
        FileDescriptorSet.parseFrom(Files.readAllBytes(file)).getFileList()) {
      FileDescriptor[] needed =
          proto.getDependencyList().stream().map(built::get).toArray(FileDescriptor[]::new);
      built.put(proto.getName(), FileDescriptor.buildFrom(proto, needed));
    }

    assertThat(built.get("tempo.proto").findServiceByName("StreamingQuerier").getMethods())
        .hasSize(7);
  }
}
