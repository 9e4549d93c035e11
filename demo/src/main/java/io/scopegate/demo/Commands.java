package io.scopegate.demo;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.FileDescriptor;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Prints commands to copy while everything still runs. */
final class Commands {
  private Commands() {}

  static void print(Transcript transcript, Stage stage) throws IOException {
    Path protoset = stage.directory().resolve("tempo.protoset");
    writeProtoset(protoset);
    transcript.line("");
    transcript.line("Everything is still running. Commands to try:");
    transcript.line("");
    Stage.resource("commands.txt")
        .replace("DIRECTORY", stage.directory().toString())
        .replace("OTLP_HTTP", Integer.toString(stage.addresses().otlpHttp()))
        .replace("QUERY", Integer.toString(stage.addresses().query()))
        .replace("ADMIN", Integer.toString(stage.addresses().admin()))
        .lines()
        .forEach(transcript::line);
    transcript.line("");
    transcript.line("Ctrl-C stops it and removes its files.");
  }

  /** What grpcurl needs to know of Tempo's protocol. */
  static void writeProtoset(Path file) throws IOException {
    FileDescriptorSet.Builder set = FileDescriptorSet.newBuilder();
    add(set, new HashSet<>(), SearchRequest.getDescriptor().getFile());
    try (OutputStream out = Files.newOutputStream(file)) {
      set.build().writeTo(out);
    }
  }

  private static void add(
      FileDescriptorSet.Builder set, Set<String> added, FileDescriptor descriptor) {
    if (added.add(descriptor.getFullName())) {
      descriptor.getDependencies().forEach(dependency -> add(set, added, dependency));
      set.addFile(descriptor.toProto());
    }
  }
}
