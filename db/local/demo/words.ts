// Small word lists: every tenant, person and text of the demo is put together from these.

const list = (words: string) => words.split(" ");

export const firstNames = list(
  "Ada Amara Anton Aya Bao Bela Carla Chidi Clara Dalia Daniel Elif Emil Esther Farid Fatima Felix Greta Hana Hugo Ida Imran Ines Ivan Jana Jonas Kemal Kofi Lea Lina Luca Maja Marta Mateo Mira Nadia Nils Noor Olga Omar Paula Pavel Priya Rafael Rosa Sami Selma Sofia Tariq Tessa Theo Uma Viktor Wen Yara Yusuf Zoe",
);

export const lastNames = list(
  "Abe Adler Bakker Banerjee Becker Berg Castro Chen Costa Demir Diaz Dubois Eriksen Farkas Fischer Garcia Haddad Hansen Horvat Ibrahim Ito Jansen Kaur Keller Kim Kovacs Larsen Lopez Mensah Meyer Moreau Nakamura Novak Okafor Olsen Park Patel Petrov Popescu Rahman Rossi Sato Schmidt Silva Singh Tanaka Torres Varga Weber Yilmaz",
);

export const companyWords = list(
  "Harbor Juniper Copper Lantern Maple Orchid Pebble Quarry River Saffron Timber Umber Velvet Willow Acorn Beacon Cedar Dune Ember Fjord",
);

export const companyKinds = list("Coffee Books Supply Studio Market Works Foods Travel Health Garden");

export const subjects = [
  "Our opening hours in spring",
  "How we choose our suppliers",
  "A new look for the shop",
  "What changes with the next release",
  "Five questions that customers ask",
  "Behind the scenes of a busy week",
  "Why we moved to a larger place",
  "Notes from the annual meeting",
];

export const sentences = [
  "We tried it for a month before we told anybody.",
  "The numbers surprised us, and they may surprise you.",
  "Thank you to everyone who wrote to us about it.",
  "Nothing changes for orders that were already placed.",
  "The old way keeps working until the end of the quarter.",
  "If something is missing, please tell the team.",
  "It took two attempts and one long weekend.",
  "We will write again when the next step is done.",
];

export const userAgents = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36",
  "demo-shop-sync/2.4 (+https://shop.example.com/bot)",
];
