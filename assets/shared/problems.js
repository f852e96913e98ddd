// What is wrong in a graph's file, as a line that a person reads.

import { fitted, language } from "./words.js";

const WORDS = {
  ko: {
    unset: "{name}이(가) 비어 있어요. .env 파일에 {variable}=... 줄을 더해 주세요.", value: "{variable} 값",
    names: {
      CHZZK_CLIENT_ID: "치지직 클라이언트 ID", CHZZK_CLIENT_SECRET: "치지직 클라이언트 시크릿", GROQ_API_KEY: "Groq 키",
      NATS_URL: "컴퓨터를 잇는 서버의 주소", OLLAMA_MODEL: "Ollama 모델의 이름", TTS_REMOTE_URL: "목소리 서버의 주소",
    },
  },
  en: {
    unset: "{name} is empty. Add a line {variable}=... to the file .env.", value: "The value of {variable}",
    names: {
      CHZZK_CLIENT_ID: "The client ID of CHZZK", CHZZK_CLIENT_SECRET: "The client secret of CHZZK", GROQ_API_KEY: "The key of Groq",
      NATS_URL: "The address of the server between the computers", OLLAMA_MODEL: "The name of the Ollama model",
      TTS_REMOTE_URL: "The address of the voice server",
    },
  },
};

/** One line for a problem; what only lacks a value is said without its place in the file. */
export function problemLine({ file, line, column, message, hint, unset }) {
  if (!unset) return `${file ? `${file}:` : ""}${line}:${column}: ${message}${hint ? `; ${hint}` : ""}`;
  const words = WORDS[language()];
  const name = (Object.hasOwn(words.names, unset) ? words.names[unset] : words.value).replace("{variable}", unset);
  return fitted(words.unset.replace("{name}", name).replace("{variable}", unset));
}
